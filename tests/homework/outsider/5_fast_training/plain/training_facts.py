# Set baseline_seconds, baseline_accuracy, final_seconds and final_accuracy to numbers.
baseline_seconds = 341
baseline_accuracy = 94
final_seconds = 26
final_accuracy = 94
