"""Your table knows Seattle and New York alone: take the cities from the table, so that it works for any."""
# loses: test_monthly
# category: too special
def monthly(days):
    known = days[days["location"].isin(["Seattle", "New York"])]
    groups = known.groupby(["location", known["date"].dt.month.rename("month")])
    return groups.agg(rain=("precipitation", "sum"), warmest=("temp_max", "max")).reset_index()
