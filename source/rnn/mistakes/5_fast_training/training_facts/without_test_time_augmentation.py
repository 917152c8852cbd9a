"""Your final time is the one without test-time augmentation.

The post goes one step further, with the same augmentation that the competing entries used; the question includes it.
"""
# loses: test_training_facts
# category: stopped reading early
baseline_seconds = 341
baseline_accuracy = 94
final_seconds = 34
final_accuracy = 94
