"""pivot_table, and columns that get their names afterwards."""


def monthly(days):
    table = days.assign(month=days["date"].dt.month).pivot_table(
        index=["location", "month"], aggfunc={"precipitation": "sum", "temp_max": "max"}
    )
    table = table.rename(columns={"precipitation": "rain", "temp_max": "warmest"}).reset_index()
    return table[["location", "month", "rain", "warmest"]]
