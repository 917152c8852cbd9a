"""Floats with a decimal point, accuracies as measured rather than as the threshold."""
baseline_seconds, baseline_accuracy = 341.0, 94.0
final_seconds, final_accuracy = 26.0, 94.1
