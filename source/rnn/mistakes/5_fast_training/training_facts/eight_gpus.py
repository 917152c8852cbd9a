"""Your baseline is the winner that trained on *eight* GPUs.

The author works with one, so the fair comparison, and the question, is the single-GPU entry.
"""
# loses: test_training_facts
# category: wrong starting point
baseline_seconds = 174
baseline_accuracy = 94
final_seconds = 26
final_accuracy = 94
