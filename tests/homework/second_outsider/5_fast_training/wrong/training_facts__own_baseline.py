baseline_seconds = 297
baseline_accuracy = 94.1
final_seconds = 26
final_accuracy = 94.1
