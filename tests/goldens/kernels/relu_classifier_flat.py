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
    bar_a = (1/n)*P  # bar_a[i,j] = 1/n P[i,j] - 1/n [i = y[j]]
    bar_a[y, np.arange(n)] += -(1/n)
    bar_b2 = bar_a.sum(axis=1)  # bar_b2[i] = sum_{j} bar_a[i,j]
    xi_18 = z @ bar_a.T  # xi_18[i,k] = sum_{j} z[i,j] bar_a[k,j]
    bar_z = W2 @ bar_a  # bar_z[i,k] = sum_{j} W2[i,j] bar_a[j,k]
    xi_19 = xi_2 > 0  # xi_19[i,j] = xi_2[i,j] > 0
    bar_xi_2 = np.where(xi_19, bar_z, 0)  # bar_xi_2[i,j] = bar_z[i,j] if xi_19[i,j] else 0
    bar_b1 = bar_xi_2.sum(axis=1)  # bar_b1[i] = sum_{j} bar_xi_2[i,j]
    xi_20 = x.T @ bar_xi_2.T  # xi_20[j,k] = sum_{i} x[i,j] bar_xi_2[k,i]
    xi_21 = 2*lambda_*W2  # xi_21[i,j] = 2 W2[i,j] lambda_
    bar_W2 = xi_18 + xi_21  # bar_W2[i,j] = xi_18[i,j] + xi_21[i,j]
    xi_22 = 2*lambda_*W1  # xi_22[i,j] = 2 W1[i,j] lambda_
    bar_W1 = xi_20 + xi_22  # bar_W1[i,j] = xi_20[i,j] + xi_22[i,j]
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
    bar_a = (1/n)*P  # bar_a[i,j] = 1/n P[i,j] - 1/n [i = y[j]]
    bar_a[y, np.arange(n)] += -(1/n)
    xi_9 = xi_2 > 0  # xi_9[i,j] = xi_2[i,j] > 0
    xi_10 = x @ dot_W1  # xi_10[i,k] = sum_{j} x[i,j] dot_W1[j,k]
    xi_11 = dot_b1 + xi_10  # xi_11[i,j] = dot_b1[j] + xi_10[i,j]
    xi_12 = np.where(xi_9, xi_11.T, 0)  # xi_12[i,j] = xi_11[j,i] if xi_9[i,j] else 0
    xi_13 = z.T @ dot_W2  # xi_13[j,k] = sum_{i} z[i,j] dot_W2[i,k]
    xi_14 = W2.T @ xi_12  # xi_14[j,k] = sum_{i} W2[i,j] xi_12[i,k]
    xi_15 = xi_13 + xi_14.T  # xi_15[i,j] = xi_13[i,j] + xi_14[j,i]
    xi_16 = dot_b2 + xi_15  # xi_16[i,j] = dot_b2[j] + xi_15[i,j]
    xi_17 = np.einsum("ij,ji->j", P, xi_16)  # xi_17[j] = sum_{i} P[i,j] xi_16[j,i]
    xi_18 = xi_16 - xi_17[:, None]  # xi_18[i,j] = xi_16[i,j] - xi_17[i]
    xi_19 = (1/n)*P*xi_18.T  # xi_19[i,j] = 1/n P[i,j] xi_18[j,i]
    xi_20 = xi_19.sum(axis=1)  # xi_20[i] = sum_{j} xi_19[i,j]
    xi_21 = bar_a @ xi_12.T  # xi_21[i,k] = sum_{j} bar_a[i,j] xi_12[k,j]
    xi_22 = z @ xi_19.T  # xi_22[i,k] = sum_{j} z[i,j] xi_19[k,j]
    xi_23 = xi_21 + xi_22.T  # xi_23[i,j] = xi_21[i,j] + xi_22[j,i]
    xi_24 = bar_a.T @ dot_W2.T  # xi_24[j,k] = sum_{i} bar_a[i,j] dot_W2[k,i]
    xi_25 = W2 @ xi_19  # xi_25[i,k] = sum_{j} W2[i,j] xi_19[j,k]
    xi_26 = xi_24 + xi_25.T  # xi_26[i,j] = xi_24[i,j] + xi_25[j,i]
    xi_27 = np.where(xi_9, xi_26.T, 0)  # xi_27[i,j] = xi_26[j,i] if xi_9[i,j] else 0
    xi_28 = xi_27.sum(axis=1)  # xi_28[i] = sum_{j} xi_27[i,j]
    xi_29 = x.T @ xi_27.T  # xi_29[j,k] = sum_{i} x[i,j] xi_27[k,i]
    xi_30 = 2*lambda_*dot_W2  # xi_30[i,j] = 2 lambda_ dot_W2[i,j]
    xi_31 = xi_23 + xi_30.T  # xi_31[i,j] = xi_23[i,j] + xi_30[j,i]
    xi_32 = 2*lambda_*dot_W1  # xi_32[i,j] = 2 lambda_ dot_W1[i,j]
    xi_33 = xi_29 + xi_32  # xi_33[i,j] = xi_29[i,j] + xi_32[i,j]
    return xi_33, xi_28, xi_31.T, xi_20
