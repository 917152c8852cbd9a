"""str.format, and the word from an if statement."""


def describe(location, month, rain):
    if rain >= 100:
        word = "wet"
    elif rain >= 50:
        word = "mixed"
    else:
        word = "dry"
    return "{}, month {}: {:.1f} mm of rain ({})".format(location, month, rain, word)
