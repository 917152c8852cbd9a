"""All cities are on one line, which jumps back where the next city begins: draw the rows of each city on their own."""
# loses: test_draw_months
# category: no groups
def draw_months(ax, table):
    ax.plot(table["month"], table["rain"], label="rain")
    ax.set_xlabel("month")
    ax.set_ylabel("rain (mm)")
    ax.legend()
