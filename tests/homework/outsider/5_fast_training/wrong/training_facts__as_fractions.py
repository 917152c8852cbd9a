# wrong: gives the accuracies as fractions; they are asked for in percent (50 means 50 %), so 94 and not 0.94.
# Set baseline_seconds, baseline_accuracy, final_seconds and final_accuracy to numbers.
baseline_seconds = 341
baseline_accuracy = 0.94
final_seconds = 26
final_accuracy = 0.94
