"""Your accuracies are shares between 0 and 1; the question asks for percent, where 50 means 50 %."""
# loses: test_training_facts
# category: unit
baseline_seconds = 341
baseline_accuracy = 94 / 100
final_seconds = 26
final_accuracy = 94 / 100
