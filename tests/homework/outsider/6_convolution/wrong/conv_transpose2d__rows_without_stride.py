# wrong: moves the stamps by stride from column to column but only by 1 from row to row; the stride holds in both directions.
def conv_transpose2d(x, w, stride=1):
    """Upsample an image by a transposed convolution without padding.

    Args:
        x: The image, a NumPy array of shape (H, W), of floats or integers.
        w: The filter, a NumPy array of shape (I, J), of floats or integers.
        stride: How many rows or columns one stamp starts after the other, an integer >= 1.

    Returns:
        y: The sum of all stamps, of shape ((H - 1) * stride + I, (W - 1) * stride + J).
    """
    H, W = x.shape
    I, J = w.shape
    y = np.zeros(((H - 1) * stride + I, (W - 1) * stride + J))
    for i in range(H):
        for j in range(W):
            y[i:i + I, j * stride:j * stride + J] += x[i, j] * w
    return y
