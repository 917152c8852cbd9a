"""You add the gates up; passing several gates one after the other multiplies.

Use a product.
"""
# loses: test_cell_path
# category: sum for product


def cell_path(forget_gates):
    path = torch.zeros_like(forget_gates)
    path[:, -1] = 1
    for t in range(forget_gates.shape[1] - 2, -1, -1):
        path[:, t] = path[:, t + 1] + forget_gates[:, t + 1]
    return path
