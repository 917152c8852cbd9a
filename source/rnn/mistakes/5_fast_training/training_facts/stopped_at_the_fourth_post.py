"""Your final time is the one after the *fourth* post, when the architecture had been changed.

The series goes on, and the last post, with its bag of tricks, is faster still.
"""
# loses: test_training_facts
# category: stopped reading early
baseline_seconds = 341
baseline_accuracy = 94
final_seconds = 79
final_accuracy = 94
