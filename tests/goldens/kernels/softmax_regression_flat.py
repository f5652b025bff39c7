def _value_kernel(W, b, x, y, K, d, n, dtype):
    """The results."""
    xi_1 = W @ x.T  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
    a = b[:, None] + xi_1  # a[i,j] = b[i] + xi_1[i,j]
    xi_2 = _logsumexp(a, 0)  # xi_2[j] = logsumexp_{i} a[i,j]  [reciprocal of exponentials]
    xi_3 = a - xi_2  # xi_3[i,j] = a[i,j] - xi_2[j]  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    xi_4 = xi_3[y, np.arange(n)]  # xi_4[j] = sum_{i} xi_3[i,j] [i = y[j]]  [log of a read exponential]
    xi_5 = xi_4.sum()  # xi_5 = sum_{i} xi_4[i]
    xi_6 = -(1/n)*xi_5  # xi_6 = -1/n xi_5
    return xi_6,


def _value_and_grad_kernel(W, b, x, y, K, d, n, dtype):
    """The result and its gradient towards every parameter: a forward sweep, then a backward sweep."""
    xi_1 = W @ x.T  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
    a = b[:, None] + xi_1  # a[i,j] = b[i] + xi_1[i,j]
    xi_2 = _logsumexp(a, 0)  # xi_2[j] = logsumexp_{i} a[i,j]  [reciprocal of exponentials]
    xi_3 = a - xi_2  # xi_3[i,j] = a[i,j] - xi_2[j]  [quotient of exponentials]
    P = np.exp(xi_3)  # P[i,j] = exp(xi_3[i,j])  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    xi_4 = xi_3[y, np.arange(n)]  # xi_4[j] = sum_{i} xi_3[i,j] [i = y[j]]  [log of a read exponential]
    xi_5 = xi_4.sum()  # xi_5 = sum_{i} xi_4[i]
    xi_6 = -(1/n)*xi_5  # xi_6 = -1/n xi_5
    # backward sweep
    bar_a = (1/n)*P  # bar_a[i,j] = 1/n P[i,j] - 1/n [i = y[j]]
    bar_a[y, np.arange(n)] += -(1/n)
    bar_b = bar_a.sum(axis=1)  # bar_b[i] = sum_{j} bar_a[i,j]
    bar_W = bar_a @ x  # bar_W[i,j] = sum_{k} x[k,j] bar_a[i,k]
    return xi_6, bar_W, bar_b


def _hvp_kernel(W, b, x, y, dot_W, dot_b, K, d, n, dtype):
    """The Hessian times given tangents."""
    xi_1 = W @ x.T  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
    a = b[:, None] + xi_1  # a[i,j] = b[i] + xi_1[i,j]
    xi_2 = _logsumexp(a, 0)  # xi_2[j] = logsumexp_{i} a[i,j]  [reciprocal of exponentials]
    xi_3 = a - xi_2  # xi_3[i,j] = a[i,j] - xi_2[j]  [quotient of exponentials]
    P = np.exp(xi_3)  # P[i,j] = exp(xi_3[i,j])  [quotient of exponentials]
    # gradient, then its tangents
    xi_4 = x @ dot_W.T  # xi_4[i,k] = sum_{j} x[i,j] dot_W[k,j]
    xi_5 = dot_b + xi_4  # xi_5[i,j] = dot_b[j] + xi_4[i,j]
    xi_6 = np.einsum("ij,ji->j", P, xi_5)  # xi_6[j] = sum_{i} P[i,j] xi_5[j,i]
    xi_7 = xi_5 - xi_6[:, None]  # xi_7[i,j] = xi_5[i,j] - xi_6[i]
    xi_8 = (1/n)*P*xi_7.T  # xi_8[i,j] = 1/n P[i,j] xi_7[j,i]
    xi_9 = xi_8.sum(axis=1)  # xi_9[i] = sum_{j} xi_8[i,j]
    xi_10 = xi_8 @ x  # xi_10[i,j] = sum_{k} x[k,j] xi_8[i,k]
    return xi_10, xi_9
