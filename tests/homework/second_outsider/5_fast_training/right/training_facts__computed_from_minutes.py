baseline_seconds, baseline_accuracy = 5 * 60 + 41, 94.0
final_seconds, final_accuracy = np.int64(26), np.float64(94)
