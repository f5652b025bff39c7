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
    xi_8 = _rest(xi_7, 0)  # xi_8[j] = sum_{i} xi_7[i,j] - 1
    xi_9 = np.log1p(xi_8)  # xi_9[i] = log1p(xi_8[i])
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
    xi_8 = _rest(xi_7, 0)  # xi_8[j] = sum_{i} xi_7[i,j] - 1
    xi_9 = np.log1p(xi_8)  # xi_9[i] = log1p(xi_8[i])
    xi_10 = xi_6 - xi_9  # xi_10[i,j] = xi_6[i,j] - xi_9[j]  [quotient of exponentials]
    xi_11 = xi_8 + 1  # xi_11[i] = 1 + xi_8[i]
    xi_12 = 1/xi_11  # xi_12[i] = 1/xi_11[i]
    P = xi_12*xi_7  # P[i,j] = xi_7[i,j] xi_12[j]  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    xi_13 = xi_10[y, np.arange(n)]  # xi_13[j] = sum_{i} xi_10[i,j] [i = y[j]]  [log of a read exponential]
    xi_14 = xi_13.sum()  # xi_14 = sum_{i} xi_13[i]
    xi_15 = W2.ravel().dot(W2.ravel())  # xi_15 = sum_{i,j} W2[i,j] W2[i,j]
    xi_16 = W1.ravel().dot(W1.ravel())  # xi_16 = sum_{i,j} W1[i,j] W1[i,j]
    xi_17 = xi_15 + xi_16  # xi_17 = xi_15 + xi_16
    xi_18 = lambda_*xi_17  # xi_18 = lambda_ xi_17
    xi_19 = (-1/n)*xi_14 + xi_18  # xi_19 = -1/n xi_14 + xi_18
    # backward sweep
    xi_20 = xi_8*xi_12  # xi_20[i] = xi_8[i] xi_12[i]
    xi_21 = P  # xi_21[i,j] = P[i,j] - xi_12[j] [i = y[j]] - [i = y[j]] xi_20[j]
    xi_21[y, np.arange(n)] = xi_21[y, np.arange(n)] - xi_12 - xi_20
    xi_22 = xi_21.sum(axis=1)  # xi_22[i] = sum_{j} xi_21[i,j]
    bar_b2 = (1/n)*xi_22  # bar_b2[i] = 1/n xi_22[i]
    xi_23 = z @ xi_21.T  # xi_23[i,k] = sum_{j} z[i,j] xi_21[k,j]
    xi_24 = W2 @ xi_21  # xi_24[i,k] = sum_{j} W2[i,j] xi_21[j,k]
    bar_z = (1/n)*xi_24  # bar_z[i,j] = 1/n xi_24[i,j]
    xi_25 = xi_2 > 0  # xi_25[i,j] = xi_2[i,j] > 0
    bar_xi_2 = np.where(xi_25, bar_z, 0)  # bar_xi_2[i,j] = bar_z[i,j] if xi_25[i,j] else 0
    bar_b1 = bar_xi_2.sum(axis=1)  # bar_b1[i] = sum_{j} bar_xi_2[i,j]
    xi_26 = x.T @ bar_xi_2.T  # xi_26[j,k] = sum_{i} x[i,j] bar_xi_2[k,i]
    xi_27 = 2*lambda_*W2  # xi_27[i,j] = 2 W2[i,j] lambda_
    bar_W2 = (1/n)*xi_23 + xi_27  # bar_W2[i,j] = 1/n xi_23[i,j] + xi_27[i,j]
    xi_28 = 2*lambda_*W1  # xi_28[i,j] = 2 W1[i,j] lambda_
    bar_W1 = xi_26 + xi_28  # bar_W1[i,j] = xi_26[i,j] + xi_28[i,j]
    return xi_19, bar_W1, bar_b1, bar_W2, bar_b2


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
    xi_8 = _rest(xi_7, 0)  # xi_8[j] = sum_{i} xi_7[i,j] - 1
    xi_9 = xi_8 + 1  # xi_9[i] = 1 + xi_8[i]
    xi_10 = 1/xi_9  # xi_10[i] = 1/xi_9[i]
    P = xi_10*xi_7  # P[i,j] = xi_7[i,j] xi_10[j]  [quotient of exponentials]
    _index(y, K, 'P[i, y[i]]', 'y[i]', 0)
    # gradient, then its tangents
    xi_11 = xi_8*xi_10  # xi_11[i] = xi_8[i] xi_10[i]
    xi_12 = _full(P, (K, n), dtype)  # xi_12[i,j] = P[i,j] - xi_10[j] [i = y[j]] - [i = y[j]] xi_11[j]
    xi_12[y, np.arange(n)] = xi_12[y, np.arange(n)] - xi_10 - xi_11
    xi_13 = xi_2 > 0  # xi_13[i,j] = xi_2[i,j] > 0
    xi_14 = x @ dot_W1  # xi_14[i,k] = sum_{j} x[i,j] dot_W1[j,k]
    xi_15 = dot_b1 + xi_14  # xi_15[i,j] = dot_b1[j] + xi_14[i,j]
    xi_16 = np.where(xi_13, xi_15.T, 0)  # xi_16[i,j] = xi_15[j,i] if xi_13[i,j] else 0
    xi_17 = z.T @ dot_W2  # xi_17[j,k] = sum_{i} z[i,j] dot_W2[i,k]
    xi_18 = W2.T @ xi_16  # xi_18[j,k] = sum_{i} W2[i,j] xi_16[i,k]
    xi_19 = xi_17 + xi_18.T  # xi_19[i,j] = xi_17[i,j] + xi_18[j,i]
    xi_20 = dot_b2 + xi_19  # xi_20[i,j] = dot_b2[j] + xi_19[i,j]
    xi_21 = np.einsum("ij,ji->j", P, xi_20)  # xi_21[j] = sum_{i} P[i,j] xi_20[j,i]
    xi_22 = xi_20 - xi_21[:, None]  # xi_22[i,j] = xi_20[i,j] - xi_21[i]
    xi_23 = P <= 0.5  # xi_23[i,j] = P[i,j] <= 0.5
    xi_24 = np.where(xi_23, xi_22.T, 0)  # xi_24[i,j] = xi_22[j,i] if xi_23[i,j] else 0
    xi_25 = np.einsum("ij,ij->j", P, xi_24)  # xi_25[j] = sum_{i} P[i,j] xi_24[i,j]
    xi_26 = -xi_9*xi_25  # xi_26[i] = -xi_9[i] xi_25[i]
    xi_27 = _unless_most(P, xi_26, xi_22.T)  # xi_27[i,j] = unless_most(P[i,j], xi_26[j], xi_22[j,i])
    xi_28 = (1/n)*P*xi_27  # xi_28[i,j] = 1/n P[i,j] xi_27[i,j]
    xi_29 = xi_28.sum(axis=1)  # xi_29[i] = sum_{j} xi_28[i,j]
    xi_30 = xi_12 @ xi_16.T  # xi_30[i,k] = sum_{j} xi_12[i,j] xi_16[k,j]
    xi_31 = z @ xi_28.T  # xi_31[i,k] = sum_{j} z[i,j] xi_28[k,j]
    xi_32 = (1/n)*xi_30 + xi_31.T  # xi_32[i,j] = 1/n xi_30[i,j] + xi_31[j,i]
    xi_33 = xi_12.T @ dot_W2.T  # xi_33[j,k] = sum_{i} xi_12[i,j] dot_W2[k,i]
    xi_34 = W2 @ xi_28  # xi_34[i,k] = sum_{j} W2[i,j] xi_28[j,k]
    xi_35 = (1/n)*xi_33 + xi_34.T  # xi_35[i,j] = 1/n xi_33[i,j] + xi_34[j,i]
    xi_36 = np.where(xi_13, xi_35.T, 0)  # xi_36[i,j] = xi_35[j,i] if xi_13[i,j] else 0
    xi_37 = xi_36.sum(axis=1)  # xi_37[i] = sum_{j} xi_36[i,j]
    xi_38 = x.T @ xi_36.T  # xi_38[j,k] = sum_{i} x[i,j] xi_36[k,i]
    xi_39 = 2*lambda_*dot_W2  # xi_39[i,j] = 2 lambda_ dot_W2[i,j]
    xi_40 = xi_32 + xi_39.T  # xi_40[i,j] = xi_32[i,j] + xi_39[j,i]
    xi_41 = 2*lambda_*dot_W1  # xi_41[i,j] = 2 lambda_ dot_W1[i,j]
    xi_42 = xi_38 + xi_41  # xi_42[i,j] = xi_38[i,j] + xi_41[i,j]
    return xi_42, xi_37, xi_40.T, xi_29
