"""`warmest` is the one highest temperature of a month, not the mean of the highest of each day."""
# loses: test_monthly
# category: wrong statistic
def monthly(days):
    groups = days.groupby(["location", days["date"].dt.month.rename("month")])
    return groups.agg(rain=("precipitation", "sum"), warmest=("temp_max", "mean")).reset_index()
