baseline_seconds = 341
baseline_accuracy = 94
final_seconds = 34
final_accuracy = 94
