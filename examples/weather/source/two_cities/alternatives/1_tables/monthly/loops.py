"""Two loops over the months that are there, without groupby."""


def monthly(days):
    rows = []
    for location in sorted(set(days["location"])):
        there = days[days["location"] == location]
        for month in sorted(set(there["date"].dt.month)):
            part = there[there["date"].dt.month == month]
            rows.append((location, month, part["precipitation"].sum(), part["temp_max"].max()))
    return pd.DataFrame(rows, columns=["location", "month", "rain", "warmest"])
