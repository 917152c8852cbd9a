"""Nobody can tell which line is which city: give each a label, and call `ax.legend()`."""
# loses: test_draw_months
# category: words
def draw_months(ax, table):
    for _, rows in table.groupby("location"):
        ax.plot(rows["month"], rows["rain"])
    ax.set_xlabel("month")
    ax.set_ylabel("rain (mm)")
