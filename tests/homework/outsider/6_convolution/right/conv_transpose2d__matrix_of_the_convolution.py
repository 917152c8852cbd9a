# right: einsum with selection matrices of rows and columns (the transpose written out as a product)
def conv_transpose2d(x, w, stride=1):
    """Upsample an image by a transposed convolution without padding.

    Args:
        x: The image, a NumPy array of shape (H, W), of floats or integers.
        w: The filter, a NumPy array of shape (I, J), of floats or integers.
        stride: How many rows or columns one stamp starts after the other, an integer >= 1.

    Returns:
        y: The sum of all stamps, of shape ((H - 1) * stride + I, (W - 1) * stride + J).
    """
    def placement(n, k):
        """P[a, i, p] is 1 if entry p of stamp i falls on output entry a."""
        a, i, p = np.ogrid[: (n - 1) * stride + k, :n, :k]
        return (a == i * stride + p).astype(float)

    rows, columns = placement(x.shape[0], w.shape[0]), placement(x.shape[1], w.shape[1])
    return np.einsum("aip,bjq,ij,pq->ab", rows, columns, x, w, optimize=True)
