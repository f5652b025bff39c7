def _value_kernel(W, b, x, y, K, d, n, dtype):
    """The results."""
    xi_1 = W @ x.T  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
    a = b[:, None] + xi_1  # a[i,j] = b[i] + xi_1[i,j]
    xi_2 = a.max(axis=0)  # xi_2[j] = max_{i} a[i,j]
    xi_3 = np.minimum(np.maximum(xi_2, -np.finfo(dtype).max), np.finfo(dtype).max)  # xi_3[i] = finite(xi_2[i])
    xi_4 = a - xi_3  # xi_4[i,j] = a[i,j] - xi_3[j]
    xi_5 = np.exp(xi_4)  # xi_5[i,j] = exp(xi_4[i,j])
    xi_6 = _rest(xi_5, 0)  # xi_6[j] = sum_{i} xi_5[i,j] - 1
    xi_7 = np.log1p(xi_6)  # xi_7[i] = log1p(xi_6[i])
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
    xi_6 = _rest(xi_5, 0)  # xi_6[j] = sum_{i} xi_5[i,j] - 1
    xi_7 = np.log1p(xi_6)  # xi_7[i] = log1p(xi_6[i])
    xi_8 = xi_4 - xi_7  # xi_8[i,j] = xi_4[i,j] - xi_7[j]  [quotient of exponentials]
    xi_9 = xi_6 + 1  # xi_9[i] = 1 + xi_6[i]
    xi_10 = 1/xi_9  # xi_10[i] = 1/xi_9[i]
    P = xi_10*xi_5  # P[i,j] = xi_5[i,j] xi_10[j]  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    xi_11 = xi_8[y, np.arange(n)]  # xi_11[j] = sum_{i} xi_8[i,j] [i = y[j]]  [log of a read exponential]
    xi_12 = xi_11.sum()  # xi_12 = sum_{i} xi_11[i]
    xi_13 = -(1/n)*xi_12  # xi_13 = -1/n xi_12
    # backward sweep
    xi_14 = xi_6*xi_10  # xi_14[i] = xi_6[i] xi_10[i]
    xi_15 = P  # xi_15[i,j] = P[i,j] - xi_10[j] [i = y[j]] - [i = y[j]] xi_14[j]
    xi_15[y, np.arange(n)] = xi_15[y, np.arange(n)] - xi_10 - xi_14
    xi_16 = xi_15.sum(axis=1)  # xi_16[i] = sum_{j} xi_15[i,j]
    bar_b = (1/n)*xi_16  # bar_b[i] = 1/n xi_16[i]
    xi_17 = x.T @ xi_15.T  # xi_17[j,k] = sum_{i} x[i,j] xi_15[k,i]
    bar_W = (1/n)*xi_17.T  # bar_W[i,j] = 1/n xi_17[j,i]
    return xi_13, bar_W, bar_b


def _hvp_kernel(W, b, x, y, dot_W, dot_b, K, d, n, dtype):
    """The Hessian times given tangents."""
    xi_1 = W @ x.T  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
    a = b[:, None] + xi_1  # a[i,j] = b[i] + xi_1[i,j]
    xi_2 = a.max(axis=0)  # xi_2[j] = max_{i} a[i,j]
    xi_3 = np.minimum(np.maximum(xi_2, -np.finfo(dtype).max), np.finfo(dtype).max)  # xi_3[i] = finite(xi_2[i])
    xi_4 = a - xi_3  # xi_4[i,j] = a[i,j] - xi_3[j]
    xi_5 = np.exp(xi_4)  # xi_5[i,j] = exp(xi_4[i,j])
    xi_6 = _rest(xi_5, 0)  # xi_6[j] = sum_{i} xi_5[i,j] - 1
    xi_7 = xi_6 + 1  # xi_7[i] = 1 + xi_6[i]
    P = xi_5/xi_7  # P[i,j] = xi_5[i,j] (1/xi_7[j])  [quotient of exponentials]
    # gradient, then its tangents
    xi_8 = x @ dot_W.T  # xi_8[i,k] = sum_{j} x[i,j] dot_W[k,j]
    xi_9 = dot_b + xi_8  # xi_9[i,j] = dot_b[j] + xi_8[i,j]
    xi_10 = np.einsum("ij,ji->j", P, xi_9)  # xi_10[j] = sum_{i} P[i,j] xi_9[j,i]
    xi_11 = xi_9 - xi_10[:, None]  # xi_11[i,j] = xi_9[i,j] - xi_10[i]
    xi_12 = P <= 0.5  # xi_12[i,j] = P[i,j] <= 0.5
    xi_13 = np.where(xi_12, xi_11.T, 0)  # xi_13[i,j] = xi_11[j,i] if xi_12[i,j] else 0
    xi_14 = np.einsum("ij,ij->j", P, xi_13)  # xi_14[j] = sum_{i} P[i,j] xi_13[i,j]
    xi_15 = -xi_7*xi_14  # xi_15[i] = -xi_7[i] xi_14[i]
    xi_16 = _unless_most(P, xi_15, xi_11.T)  # xi_16[i,j] = unless_most(P[i,j], xi_15[j], xi_11[j,i])
    xi_17 = (1/n)*P*xi_16  # xi_17[i,j] = 1/n P[i,j] xi_16[i,j]
    xi_18 = xi_17.sum(axis=1)  # xi_18[i] = sum_{j} xi_17[i,j]
    xi_19 = xi_17 @ x  # xi_19[i,j] = sum_{k} x[k,j] xi_17[i,k]
    return xi_19, xi_18
