def _value_kernel(W, b, x, y, K, d, n, dtype):
    """The results."""
    xi_1 = W @ x.T  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
    a = b[:, None] + xi_1  # a[i,j] = b[i] + xi_1[i,j]
    xi_2 = a.max(axis=0)  # xi_2[j] = max_{i} a[i,j]
    xi_3 = np.minimum(np.maximum(xi_2, -np.finfo(dtype).max), np.finfo(dtype).max)  # xi_3[i] = finite(xi_2[i])
    xi_4 = a - xi_3  # xi_4[i,j] = a[i,j] - xi_3[j]
    xi_5 = np.exp(xi_4)  # xi_5[i,j] = exp(xi_4[i,j])
    xi_6 = xi_5.sum(axis=0)  # xi_6[j] = sum_{i} xi_5[i,j]
    xi_7 = np.log(xi_6)  # xi_7[i] = log(xi_6[i])
    xi_8 = xi_4 - xi_7  # xi_8[i,j] = xi_4[i,j] - xi_7[j]  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    xi_9 = xi_8[y, np.arange(n)]  # xi_9[j] = sum_{i} xi_8[i,j] [i = y[j]]  [log of a read exponential]
    xi_10 = xi_9.sum()  # xi_10 = sum_{i} xi_9[i]
    xi_11 = -(1/n)*xi_10  # xi_11 = -1/n xi_10
    return xi_11,


def _value_and_grad_kernel(W, b, x, y, K, d, n, dtype):
    """The result and its gradient towards every parameter: a forward sweep, then a backward sweep."""
    xi_1 = W @ x.T  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
    a = b[:, None] + xi_1  # a[i,j] = b[i] + xi_1[i,j]
    xi_2 = a.max(axis=0)  # xi_2[j] = max_{i} a[i,j]
    xi_3 = np.minimum(np.maximum(xi_2, -np.finfo(dtype).max), np.finfo(dtype).max)  # xi_3[i] = finite(xi_2[i])
    xi_4 = a - xi_3  # xi_4[i,j] = a[i,j] - xi_3[j]
    xi_5 = np.exp(xi_4)  # xi_5[i,j] = exp(xi_4[i,j])
    xi_6 = xi_5.sum(axis=0)  # xi_6[j] = sum_{i} xi_5[i,j]
    xi_7 = np.log(xi_6)  # xi_7[i] = log(xi_6[i])
    xi_8 = xi_4 - xi_7  # xi_8[i,j] = xi_4[i,j] - xi_7[j]  [quotient of exponentials]
    P = xi_5/xi_6  # P[i,j] = xi_5[i,j] (1/xi_6[j])  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    xi_9 = xi_8[y, np.arange(n)]  # xi_9[j] = sum_{i} xi_8[i,j] [i = y[j]]  [log of a read exponential]
    xi_10 = xi_9.sum()  # xi_10 = sum_{i} xi_9[i]
    xi_11 = -(1/n)*xi_10  # xi_11 = -1/n xi_10
    # backward sweep
    xi_12 = P  # xi_12[i,j] = P[i,j] - [i = y[j]]
    xi_12[y, np.arange(n)] += -1
    xi_13 = xi_12.sum(axis=1)  # xi_13[i] = sum_{j} xi_12[i,j]
    bar_b = (1/n)*xi_13  # bar_b[i] = 1/n xi_13[i]
    xi_14 = x.T @ xi_12.T  # xi_14[j,k] = sum_{i} x[i,j] xi_12[k,i]
    bar_W = (1/n)*xi_14.T  # bar_W[i,j] = 1/n xi_14[j,i]
    return xi_11, bar_W, bar_b


def _hvp_kernel(W, b, x, y, dot_W, dot_b, K, d, n, dtype):
    """The Hessian times given tangents."""
    xi_1 = W @ x.T  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
    a = b[:, None] + xi_1  # a[i,j] = b[i] + xi_1[i,j]
    xi_2 = a.max(axis=0)  # xi_2[j] = max_{i} a[i,j]
    xi_3 = np.minimum(np.maximum(xi_2, -np.finfo(dtype).max), np.finfo(dtype).max)  # xi_3[i] = finite(xi_2[i])
    xi_4 = a - xi_3  # xi_4[i,j] = a[i,j] - xi_3[j]
    xi_5 = np.exp(xi_4)  # xi_5[i,j] = exp(xi_4[i,j])
    xi_6 = xi_5.sum(axis=0)  # xi_6[j] = sum_{i} xi_5[i,j]
    P = xi_5/xi_6  # P[i,j] = xi_5[i,j] (1/xi_6[j])  [quotient of exponentials]
    # gradient, then its tangents
    xi_7 = x @ dot_W.T  # xi_7[i,k] = sum_{j} x[i,j] dot_W[k,j]
    xi_8 = dot_b + xi_7  # xi_8[i,j] = dot_b[j] + xi_7[i,j]
    xi_9 = np.einsum("ij,ji->j", P, xi_8)  # xi_9[j] = sum_{i} P[i,j] xi_8[j,i]
    xi_10 = xi_8 - xi_9[:, None]  # xi_10[i,j] = xi_8[i,j] - xi_9[i]
    xi_11 = (1/n)*P*xi_10.T  # xi_11[i,j] = 1/n P[i,j] xi_10[j,i]
    xi_12 = xi_11.sum(axis=1)  # xi_12[i] = sum_{j} xi_11[i,j]
    xi_13 = xi_11 @ x  # xi_13[i,j] = sum_{k} x[k,j] xi_11[i,k]
    return xi_13, xi_12
