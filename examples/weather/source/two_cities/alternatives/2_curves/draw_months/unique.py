"""The cities in the order of the table, and set for both names."""


def draw_months(ax, table):
    for city in table["location"].unique():
        rows = table[table["location"] == city].sort_values("month")
        ax.plot(rows["month"].to_numpy(), rows["rain"].to_numpy(), "o-", label=city)
    ax.set(xlabel="month", ylabel="rain (mm)")
    ax.legend(loc="upper left")
