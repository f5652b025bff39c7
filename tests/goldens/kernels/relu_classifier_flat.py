def _value_kernel(W1, b1, W2, b2, lambda_, x, y, K, d, h, n, dtype):
    """The results."""
    xi_1 = W1.T @ x.T  # xi_1[j,k] = sum_{i} W1[i,j] x[k,i]
    xi_2 = b1[:, None] + xi_1  # xi_2[i,j] = b1[i] + xi_1[i,j]
    z = np.maximum(0, xi_2)  # z[i,j] = max(0, xi_2[i,j])
    xi_3 = W2.T @ z  # xi_3[j,k] = sum_{i} W2[i,j] z[i,k]
    a = b2[:, None] + xi_3  # a[i,j] = b2[i] + xi_3[i,j]
    xi_4 = a.max(axis=0)  # xi_4[j] = max_{i} a[i,j]
    xi_5 = np.minimum(np.maximum(xi_4, -np.finfo(dtype).max), np.finfo(dtype).max)  # xi_5[i] = finite(xi_4[i])
    xi_6 = a - xi_5  # xi_6[i,j] = a[i,j] - xi_5[j]
    xi_7 = np.exp(xi_6)  # xi_7[i,j] = exp(xi_6[i,j])
    xi_8 = xi_7.sum(axis=0)  # xi_8[j] = sum_{i} xi_7[i,j]
    xi_9 = np.log(xi_8)  # xi_9[i] = log(xi_8[i])
    xi_10 = xi_6 - xi_9  # xi_10[i,j] = xi_6[i,j] - xi_9[j]  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    xi_11 = xi_10[y, np.arange(n)]  # xi_11[j] = sum_{i} xi_10[i,j] [i = y[j]]  [log of a read exponential]
    xi_12 = xi_11.sum()  # xi_12 = sum_{i} xi_11[i]
    xi_13 = W2.ravel().dot(W2.ravel())  # xi_13 = sum_{i,j} W2[i,j] W2[i,j]
    xi_14 = W1.ravel().dot(W1.ravel())  # xi_14 = sum_{i,j} W1[i,j] W1[i,j]
    xi_15 = xi_13 + xi_14  # xi_15 = xi_13 + xi_14
    xi_16 = lambda_*xi_15  # xi_16 = lambda_ xi_15
    xi_17 = (-1/n)*xi_12 + xi_16  # xi_17 = -1/n xi_12 + xi_16
    return xi_17,


def _value_and_grad_kernel(W1, b1, W2, b2, lambda_, x, y, K, d, h, n, dtype):
    """The result and its gradient towards every parameter: a forward sweep, then a backward sweep."""
    xi_1 = W1.T @ x.T  # xi_1[j,k] = sum_{i} W1[i,j] x[k,i]
    xi_2 = b1[:, None] + xi_1  # xi_2[i,j] = b1[i] + xi_1[i,j]
    z = np.maximum(0, xi_2)  # z[i,j] = max(0, xi_2[i,j])
    xi_3 = W2.T @ z  # xi_3[j,k] = sum_{i} W2[i,j] z[i,k]
    a = b2[:, None] + xi_3  # a[i,j] = b2[i] + xi_3[i,j]
    xi_4 = a.max(axis=0)  # xi_4[j] = max_{i} a[i,j]
    xi_5 = np.minimum(np.maximum(xi_4, -np.finfo(dtype).max), np.finfo(dtype).max)  # xi_5[i] = finite(xi_4[i])
    xi_6 = a - xi_5  # xi_6[i,j] = a[i,j] - xi_5[j]
    xi_7 = np.exp(xi_6)  # xi_7[i,j] = exp(xi_6[i,j])
    xi_8 = xi_7.sum(axis=0)  # xi_8[j] = sum_{i} xi_7[i,j]
    xi_9 = np.log(xi_8)  # xi_9[i] = log(xi_8[i])
    xi_10 = xi_6 - xi_9  # xi_10[i,j] = xi_6[i,j] - xi_9[j]  [quotient of exponentials]
    P = xi_7/xi_8  # P[i,j] = xi_7[i,j] (1/xi_8[j])  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    xi_11 = xi_10[y, np.arange(n)]  # xi_11[j] = sum_{i} xi_10[i,j] [i = y[j]]  [log of a read exponential]
    xi_12 = xi_11.sum()  # xi_12 = sum_{i} xi_11[i]
    xi_13 = W2.ravel().dot(W2.ravel())  # xi_13 = sum_{i,j} W2[i,j] W2[i,j]
    xi_14 = W1.ravel().dot(W1.ravel())  # xi_14 = sum_{i,j} W1[i,j] W1[i,j]
    xi_15 = xi_13 + xi_14  # xi_15 = xi_13 + xi_14
    xi_16 = lambda_*xi_15  # xi_16 = lambda_ xi_15
    xi_17 = (-1/n)*xi_12 + xi_16  # xi_17 = -1/n xi_12 + xi_16
    # backward sweep
    xi_18 = P  # xi_18[i,j] = P[i,j] - [i = y[j]]
    xi_18[y, np.arange(n)] += -1
    xi_19 = xi_18.sum(axis=1)  # xi_19[i] = sum_{j} xi_18[i,j]
    bar_b2 = (1/n)*xi_19  # bar_b2[i] = 1/n xi_19[i]
    xi_20 = z @ xi_18.T  # xi_20[i,k] = sum_{j} z[i,j] xi_18[k,j]
    xi_21 = W2 @ xi_18  # xi_21[i,k] = sum_{j} W2[i,j] xi_18[j,k]
    bar_z = (1/n)*xi_21  # bar_z[i,j] = 1/n xi_21[i,j]
    xi_22 = xi_2 > 0  # xi_22[i,j] = xi_2[i,j] > 0
    bar_xi_2 = np.where(xi_22, bar_z, 0)  # bar_xi_2[i,j] = bar_z[i,j] if xi_22[i,j] else 0
    bar_b1 = bar_xi_2.sum(axis=1)  # bar_b1[i] = sum_{j} bar_xi_2[i,j]
    xi_23 = x.T @ bar_xi_2.T  # xi_23[j,k] = sum_{i} x[i,j] bar_xi_2[k,i]
    xi_24 = 2*lambda_*W2  # xi_24[i,j] = 2 W2[i,j] lambda_
    bar_W2 = (1/n)*xi_20 + xi_24  # bar_W2[i,j] = 1/n xi_20[i,j] + xi_24[i,j]
    xi_25 = 2*lambda_*W1  # xi_25[i,j] = 2 W1[i,j] lambda_
    bar_W1 = xi_23 + xi_25  # bar_W1[i,j] = xi_23[i,j] + xi_25[i,j]
    return xi_17, bar_W1, bar_b1, bar_W2, bar_b2


def _hvp_kernel(W1, b1, W2, b2, lambda_, x, y, dot_W1, dot_b1, dot_W2, dot_b2, K, d, h, n, dtype):
    """The Hessian times given tangents."""
    xi_1 = W1.T @ x.T  # xi_1[j,k] = sum_{i} W1[i,j] x[k,i]
    xi_2 = b1[:, None] + xi_1  # xi_2[i,j] = b1[i] + xi_1[i,j]
    z = np.maximum(0, xi_2)  # z[i,j] = max(0, xi_2[i,j])
    xi_3 = W2.T @ z  # xi_3[j,k] = sum_{i} W2[i,j] z[i,k]
    a = b2[:, None] + xi_3  # a[i,j] = b2[i] + xi_3[i,j]
    xi_4 = a.max(axis=0)  # xi_4[j] = max_{i} a[i,j]
    xi_5 = np.minimum(np.maximum(xi_4, -np.finfo(dtype).max), np.finfo(dtype).max)  # xi_5[i] = finite(xi_4[i])
    xi_6 = a - xi_5  # xi_6[i,j] = a[i,j] - xi_5[j]
    xi_7 = np.exp(xi_6)  # xi_7[i,j] = exp(xi_6[i,j])
    xi_8 = xi_7.sum(axis=0)  # xi_8[j] = sum_{i} xi_7[i,j]
    P = xi_7/xi_8  # P[i,j] = xi_7[i,j] (1/xi_8[j])  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    # gradient, then its tangents
    xi_9 = _full(P, (K, n), dtype)  # xi_9[i,j] = P[i,j] - [i = y[j]]
    xi_9[y, np.arange(n)] += -1
    xi_10 = xi_2 > 0  # xi_10[i,j] = xi_2[i,j] > 0
    xi_11 = x @ dot_W1  # xi_11[i,k] = sum_{j} x[i,j] dot_W1[j,k]
    xi_12 = dot_b1 + xi_11  # xi_12[i,j] = dot_b1[j] + xi_11[i,j]
    xi_13 = np.where(xi_10, xi_12.T, 0)  # xi_13[i,j] = xi_12[j,i] if xi_10[i,j] else 0
    xi_14 = z.T @ dot_W2  # xi_14[j,k] = sum_{i} z[i,j] dot_W2[i,k]
    xi_15 = W2.T @ xi_13  # xi_15[j,k] = sum_{i} W2[i,j] xi_13[i,k]
    xi_16 = xi_14 + xi_15.T  # xi_16[i,j] = xi_14[i,j] + xi_15[j,i]
    xi_17 = dot_b2 + xi_16  # xi_17[i,j] = dot_b2[j] + xi_16[i,j]
    xi_18 = np.einsum("ij,ji->j", P, xi_17)  # xi_18[j] = sum_{i} P[i,j] xi_17[j,i]
    xi_19 = xi_17 - xi_18[:, None]  # xi_19[i,j] = xi_17[i,j] - xi_18[i]
    xi_20 = (1/n)*P*xi_19.T  # xi_20[i,j] = 1/n P[i,j] xi_19[j,i]
    xi_21 = xi_20.sum(axis=1)  # xi_21[i] = sum_{j} xi_20[i,j]
    xi_22 = xi_9 @ xi_13.T  # xi_22[i,k] = sum_{j} xi_9[i,j] xi_13[k,j]
    xi_23 = z @ xi_20.T  # xi_23[i,k] = sum_{j} z[i,j] xi_20[k,j]
    xi_24 = (1/n)*xi_22 + xi_23.T  # xi_24[i,j] = 1/n xi_22[i,j] + xi_23[j,i]
    xi_25 = xi_9.T @ dot_W2.T  # xi_25[j,k] = sum_{i} xi_9[i,j] dot_W2[k,i]
    xi_26 = W2 @ xi_20  # xi_26[i,k] = sum_{j} W2[i,j] xi_20[j,k]
    xi_27 = (1/n)*xi_25 + xi_26.T  # xi_27[i,j] = 1/n xi_25[i,j] + xi_26[j,i]
    xi_28 = np.where(xi_10, xi_27.T, 0)  # xi_28[i,j] = xi_27[j,i] if xi_10[i,j] else 0
    xi_29 = xi_28.sum(axis=1)  # xi_29[i] = sum_{j} xi_28[i,j]
    xi_30 = x.T @ xi_28.T  # xi_30[j,k] = sum_{i} x[i,j] xi_28[k,i]
    xi_31 = 2*lambda_*dot_W2  # xi_31[i,j] = 2 lambda_ dot_W2[i,j]
    xi_32 = xi_24 + xi_31.T  # xi_32[i,j] = xi_24[i,j] + xi_31[j,i]
    xi_33 = 2*lambda_*dot_W1  # xi_33[i,j] = 2 lambda_ dot_W1[i,j]
    xi_34 = xi_30 + xi_33  # xi_34[i,j] = xi_30[i,j] + xi_33[i,j]
    return xi_34, xi_29, xi_32.T, xi_21
