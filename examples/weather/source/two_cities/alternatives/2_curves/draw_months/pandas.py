"""A column for each city, drawn by pandas."""


def draw_months(ax, table):
    wide = table.pivot(index="month", columns="location", values="rain")
    wide.plot(ax=ax, xlabel="month", ylabel="rain (mm)")
    ax.legend()
