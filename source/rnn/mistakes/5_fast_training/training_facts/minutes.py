"""Your times are in minutes; the question asks for seconds."""
# loses: test_training_facts
# category: unit
baseline_seconds = 341 / 60
baseline_accuracy = 94
final_seconds = 26 / 60
final_accuracy = 94
