"""Your months have the mean of their days where the sum is asked for: `rain` says how much fell in the whole month."""
# loses: test_monthly
# category: wrong statistic
def monthly(days):
    groups = days.groupby(["location", days["date"].dt.month.rename("month")])
    return groups.agg(rain=("precipitation", "mean"), warmest=("temp_max", "max")).reset_index()
