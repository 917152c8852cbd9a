"""At a border you take the other word: 50 mm is mixed already, and 100 mm is wet."""
# loses: test_describe
# category: border
def describe(location, month, rain):
    word = "dry" if rain <= 50 else "wet" if rain > 100 else "mixed"
    return f"{location}, month {month}: {rain:.1f} mm of rain ({word})"
