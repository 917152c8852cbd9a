"""You give a higher accuracy for the final result than for the baseline.

The accuracy is the fixed threshold of the competition in both cases; only the time to reach it changes.
"""
# loses: test_training_facts
# category: misread
baseline_seconds = 341
baseline_accuracy = 94
final_seconds = 26
final_accuracy = 96
