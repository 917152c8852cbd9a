"""You write running sums over the rain in `days`, so whoever uses that table after you finds other numbers: work on a copy."""
# loses: test_monthly
# category: changes its input
def monthly(days):
    month = days["date"].dt.month.rename("month")
    days["precipitation"] = days.groupby(["location", month])["precipitation"].cumsum()
    groups = days.groupby(["location", month])
    return groups.agg(rain=("precipitation", "max"), warmest=("temp_max", "max")).reset_index()
