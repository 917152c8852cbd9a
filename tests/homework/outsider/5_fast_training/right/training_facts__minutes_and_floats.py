# right: minutes worked out, floats, unpacked from tuples
# Set baseline_seconds, baseline_accuracy, final_seconds and final_accuracy to numbers.
baseline_seconds, baseline_accuracy = 5 * 60 + 41.0, 94.0
final_seconds, final_accuracy = (26.0, 94.0)
