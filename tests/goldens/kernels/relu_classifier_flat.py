def _value_kernel(W1, b1, W2, b2, lambda_, x, y, K, d, h, n, dtype):
    """The results."""
    xi_1 = W1.T @ x.T  # xi_1[j,k] = sum_{i} W1[i,j] x[k,i]
    xi_2 = b1[:, None] + xi_1  # xi_2[i,j] = b1[i] + xi_1[i,j]
    z = np.maximum(0, xi_2)  # z[i,j] = max(0, xi_2[i,j])
    xi_3 = W2.T @ z  # xi_3[j,k] = sum_{i} W2[i,j] z[i,k]
    a = b2[:, None] + xi_3  # a[i,j] = b2[i] + xi_3[i,j]
    xi_4 = _logsumexp(a, 0)  # xi_4[j] = logsumexp_{i} a[i,j]  [reciprocal of exponentials]
    xi_5 = a - xi_4  # xi_5[i,j] = a[i,j] - xi_4[j]  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    xi_6 = xi_5[y, np.arange(n)]  # xi_6[j] = sum_{i} xi_5[i,j] [i = y[j]]  [log of a read exponential]
    xi_7 = xi_6.sum()  # xi_7 = sum_{i} xi_6[i]
    xi_8 = W2.ravel() @ W2.ravel()  # xi_8 = sum_{i,j} W2[i,j] W2[i,j]
    xi_9 = W1.ravel() @ W1.ravel()  # xi_9 = sum_{i,j} W1[i,j] W1[i,j]
    xi_10 = xi_8 + xi_9  # xi_10 = xi_8 + xi_9
    xi_11 = lambda_*xi_10  # xi_11 = lambda_ xi_10
    xi_12 = (-1/n)*xi_7 + xi_11  # xi_12 = -1/n xi_7 + xi_11
    return xi_12,


def _value_and_grad_kernel(W1, b1, W2, b2, lambda_, x, y, K, d, h, n, dtype):
    """The result and its gradient towards every parameter: a forward sweep, then a backward sweep."""
    xi_1 = W1.T @ x.T  # xi_1[j,k] = sum_{i} W1[i,j] x[k,i]
    xi_2 = b1[:, None] + xi_1  # xi_2[i,j] = b1[i] + xi_1[i,j]
    z = np.maximum(0, xi_2)  # z[i,j] = max(0, xi_2[i,j])
    xi_3 = W2.T @ z  # xi_3[j,k] = sum_{i} W2[i,j] z[i,k]
    a = b2[:, None] + xi_3  # a[i,j] = b2[i] + xi_3[i,j]
    xi_4 = _logsumexp(a, 0)  # xi_4[j] = logsumexp_{i} a[i,j]  [reciprocal of exponentials]
    xi_5 = a - xi_4  # xi_5[i,j] = a[i,j] - xi_4[j]  [quotient of exponentials]
    P = np.exp(xi_5)  # P[i,j] = exp(xi_5[i,j])  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    xi_6 = xi_5[y, np.arange(n)]  # xi_6[j] = sum_{i} xi_5[i,j] [i = y[j]]  [log of a read exponential]
    xi_7 = xi_6.sum()  # xi_7 = sum_{i} xi_6[i]
    xi_8 = W2.ravel() @ W2.ravel()  # xi_8 = sum_{i,j} W2[i,j] W2[i,j]
    xi_9 = W1.ravel() @ W1.ravel()  # xi_9 = sum_{i,j} W1[i,j] W1[i,j]
    xi_10 = xi_8 + xi_9  # xi_10 = xi_8 + xi_9
    xi_11 = lambda_*xi_10  # xi_11 = lambda_ xi_10
    xi_12 = (-1/n)*xi_7 + xi_11  # xi_12 = -1/n xi_7 + xi_11
    # backward sweep
    bar_a = (1/n)*P  # bar_a[i,j] = 1/n P[i,j] - 1/n [i = y[j]]
    bar_a[y, np.arange(n)] += -(1/n)
    bar_b2 = bar_a.sum(axis=1)  # bar_b2[i] = sum_{j} bar_a[i,j]
    xi_13 = z @ bar_a.T  # xi_13[i,k] = sum_{j} z[i,j] bar_a[k,j]
    bar_z = W2 @ bar_a  # bar_z[i,k] = sum_{j} W2[i,j] bar_a[j,k]
    xi_14 = xi_2 > 0  # xi_14[i,j] = xi_2[i,j] > 0
    bar_xi_2 = np.where(xi_14, bar_z, 0)  # bar_xi_2[i,j] = bar_z[i,j] if xi_14[i,j] else 0
    bar_b1 = bar_xi_2.sum(axis=1)  # bar_b1[i] = sum_{j} bar_xi_2[i,j]
    xi_15 = x.T @ bar_xi_2.T  # xi_15[j,k] = sum_{i} x[i,j] bar_xi_2[k,i]
    xi_16 = 2*lambda_*W2  # xi_16[i,j] = 2 W2[i,j] lambda_
    bar_W2 = xi_13 + xi_16  # bar_W2[i,j] = xi_13[i,j] + xi_16[i,j]
    xi_17 = 2*lambda_*W1  # xi_17[i,j] = 2 W1[i,j] lambda_
    bar_W1 = xi_15 + xi_17  # bar_W1[i,j] = xi_15[i,j] + xi_17[i,j]
    return xi_12, bar_W1, bar_b1, bar_W2, bar_b2


def _hvp_kernel(W1, b1, W2, b2, lambda_, x, y, dot_W1, dot_b1, dot_W2, dot_b2, K, d, h, n, dtype):
    """The Hessian times given tangents."""
    xi_1 = W1.T @ x.T  # xi_1[j,k] = sum_{i} W1[i,j] x[k,i]
    xi_2 = b1[:, None] + xi_1  # xi_2[i,j] = b1[i] + xi_1[i,j]
    z = np.maximum(0, xi_2)  # z[i,j] = max(0, xi_2[i,j])
    xi_3 = W2.T @ z  # xi_3[j,k] = sum_{i} W2[i,j] z[i,k]
    a = b2[:, None] + xi_3  # a[i,j] = b2[i] + xi_3[i,j]
    xi_4 = _logsumexp(a, 0)  # xi_4[j] = logsumexp_{i} a[i,j]  [reciprocal of exponentials]
    xi_5 = a - xi_4  # xi_5[i,j] = a[i,j] - xi_4[j]  [quotient of exponentials]
    P = np.exp(xi_5)  # P[i,j] = exp(xi_5[i,j])  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    # gradient, then its tangents
    bar_a = (1/n)*P  # bar_a[i,j] = 1/n P[i,j] - 1/n [i = y[j]]
    bar_a[y, np.arange(n)] += -(1/n)
    xi_6 = xi_2 > 0  # xi_6[i,j] = xi_2[i,j] > 0
    xi_7 = x @ dot_W1  # xi_7[i,k] = sum_{j} x[i,j] dot_W1[j,k]
    xi_8 = dot_b1 + xi_7  # xi_8[i,j] = dot_b1[j] + xi_7[i,j]
    xi_9 = np.where(xi_6, xi_8.T, 0)  # xi_9[i,j] = xi_8[j,i] if xi_6[i,j] else 0
    xi_10 = z.T @ dot_W2  # xi_10[j,k] = sum_{i} z[i,j] dot_W2[i,k]
    xi_11 = W2.T @ xi_9  # xi_11[j,k] = sum_{i} W2[i,j] xi_9[i,k]
    xi_12 = xi_10 + xi_11.T  # xi_12[i,j] = xi_10[i,j] + xi_11[j,i]
    xi_13 = dot_b2 + xi_12  # xi_13[i,j] = dot_b2[j] + xi_12[i,j]
    xi_14 = np.einsum("ij,ji->j", P, xi_13)  # xi_14[j] = sum_{i} P[i,j] xi_13[j,i]
    xi_15 = xi_13 - xi_14[:, None]  # xi_15[i,j] = xi_13[i,j] - xi_14[i]
    xi_16 = (1/n)*P*xi_15.T  # xi_16[i,j] = 1/n P[i,j] xi_15[j,i]
    xi_17 = xi_16.sum(axis=1)  # xi_17[i] = sum_{j} xi_16[i,j]
    xi_18 = bar_a @ xi_9.T  # xi_18[i,k] = sum_{j} bar_a[i,j] xi_9[k,j]
    xi_19 = z @ xi_16.T  # xi_19[i,k] = sum_{j} z[i,j] xi_16[k,j]
    xi_20 = xi_18 + xi_19.T  # xi_20[i,j] = xi_18[i,j] + xi_19[j,i]
    xi_21 = bar_a.T @ dot_W2.T  # xi_21[j,k] = sum_{i} bar_a[i,j] dot_W2[k,i]
    xi_22 = W2 @ xi_16  # xi_22[i,k] = sum_{j} W2[i,j] xi_16[j,k]
    xi_23 = xi_21 + xi_22.T  # xi_23[i,j] = xi_21[i,j] + xi_22[j,i]
    xi_24 = np.where(xi_6, xi_23.T, 0)  # xi_24[i,j] = xi_23[j,i] if xi_6[i,j] else 0
    xi_25 = xi_24.sum(axis=1)  # xi_25[i] = sum_{j} xi_24[i,j]
    xi_26 = x.T @ xi_24.T  # xi_26[j,k] = sum_{i} x[i,j] xi_24[k,i]
    xi_27 = 2*lambda_*dot_W2  # xi_27[i,j] = 2 lambda_ dot_W2[i,j]
    xi_28 = xi_20 + xi_27.T  # xi_28[i,j] = xi_20[i,j] + xi_27[j,i]
    xi_29 = 2*lambda_*dot_W1  # xi_29[i,j] = 2 lambda_ dot_W1[i,j]
    xi_30 = xi_26 + xi_29  # xi_30[i,j] = xi_26[i,j] + xi_29[i,j]
    return xi_30, xi_25, xi_28.T, xi_17
