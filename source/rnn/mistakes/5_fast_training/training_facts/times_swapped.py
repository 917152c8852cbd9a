"""You mixed up the two times: the baseline is the slow one, the final result the fast one."""
# loses: test_training_facts
# category: mixed up
baseline_seconds = 26
baseline_accuracy = 94
final_seconds = 341
final_accuracy = 94
