"""You round before you compare: 49.96 mm is dry, although it is written as 50.0."""
# loses: test_describe
# category: rounding
def describe(location, month, rain):
    rain = round(rain, 1)
    word = "dry" if rain < 50 else "wet" if rain >= 100 else "mixed"
    return f"{location}, month {month}: {rain:.1f} mm of rain ({word})"
