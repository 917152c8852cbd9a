# wrong: 34 s is the time without test-time augmentation, and the question asks for all tricks of the last post, TTA included.
# Set baseline_seconds, baseline_accuracy, final_seconds and final_accuracy to numbers.
baseline_seconds = 341
baseline_accuracy = 94
final_seconds = 34
final_accuracy = 94
