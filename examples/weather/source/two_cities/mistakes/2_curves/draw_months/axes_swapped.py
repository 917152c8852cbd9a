"""Months belong on the x axis and rain on the y axis; yours are the other way round."""
# loses: test_draw_months
# category: axes
def draw_months(ax, table):
    for location, rows in table.groupby("location"):
        ax.plot(rows["rain"], rows["month"], label=location)
    ax.set_xlabel("month")
    ax.set_ylabel("rain (mm)")
    ax.legend()
