"""Your months stand in the order in which they appear in `days`: sort the table by city and then by month."""
# loses: test_monthly
# category: order
def monthly(days):
    groups = days.groupby(["location", days["date"].dt.month.rename("month")], sort=False)
    return groups.agg(rain=("precipitation", "sum"), warmest=("temp_max", "max")).reset_index()
