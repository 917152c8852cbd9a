"""Your final time is only about right: the opening of the last post gives it to the second."""
# loses: test_training_facts
# category: rounded
baseline_seconds = 341
baseline_accuracy = 94
final_seconds = 30
final_accuracy = 94
