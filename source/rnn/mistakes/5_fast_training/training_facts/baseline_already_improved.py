"""Your baseline is already improved: it is the time after the first bottleneck in the data loading was removed.

The question asks for the competition's winner that the author started from; see the introduction.
"""
# loses: test_training_facts
# category: wrong starting point
baseline_seconds = 297
baseline_accuracy = 94
final_seconds = 26
final_accuracy = 94
