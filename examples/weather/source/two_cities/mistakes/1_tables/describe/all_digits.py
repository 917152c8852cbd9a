"""Your sentence has all digits of `rain`: the example has one behind the point, as `{rain:.1f}` writes it."""
# loses: test_describe
# category: format
def describe(location, month, rain):
    word = "dry" if rain < 50 else "wet" if rain >= 100 else "mixed"
    return f"{location}, month {month}: {rain} mm of rain ({word})"
