def _value_kernel(W, b, x, y, K, d, n, dtype):
    """The results.

    Plan: 0 rows before, blocks of 12 rows in 3 buffers, 2*K + 2*d + 2 numbers a sample; 1 row after.
    """

    def room_1(width, new):
        return *new((2, K, width), dtype), *new((1, width), dtype)

    def block_1(first, last, u_1, u_3, u_2):
        x_part = x[first:last]
        y_part = y[first:last]
        xi_1 = np.matmul(W, x_part.T, out=u_1)  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
        a = np.add(b[:, None], xi_1, out=u_1)  # a[i,j] = b[i] + xi_1[i,j]
        xi_2 = a.max(axis=0, out=u_2)  # xi_2[j] = max_{i} a[i,j]
        xi_3 = _finite(xi_2, u_2)  # xi_3[i] = finite(xi_2[i])
        xi_4 = np.subtract(a, xi_3, out=u_1)  # xi_4[i,j] = a[i,j] - xi_3[j]
        xi_5 = np.exp(xi_4, out=u_3)  # xi_5[i,j] = exp(xi_4[i,j])
        xi_6 = _rest(xi_5, 0)  # xi_6[j] = sum_{i} xi_5[i,j] - 1
        xi_7 = np.log1p(xi_6, out=u_2)  # xi_7[i] = log1p(xi_6[i])
        xi_8 = np.subtract(xi_4, xi_7, out=u_1)  # xi_8[i,j] = xi_4[i,j] - xi_7[j]  [quotient of exponentials]
        _index(y_part, K, 'P[i, y[i]]', 'y[i]', 0)
        xi_9 = xi_8[y_part, np.arange(-first + last)]  # xi_9[j] = sum_{i} xi_8[i,j] [i = y[j]]  [log of a read exponential]
        xi_10 = xi_9.sum()  # xi_10 = sum_{i} xi_9[i]
        return xi_10,

    xi_10, = _blocks(block_1, room_1, n, 2*K + 2*d + 2)
    xi_11 = -(1/n)*xi_10  # xi_11 = -1/n xi_10
    return xi_11,


def _value_and_grad_kernel(W, b, x, y, K, d, n, dtype):
    """The result and its gradient towards every parameter: a forward sweep, then a backward sweep.

    Plan: 0 rows before, blocks of 21 rows in 5 buffers, 2*K + 2*d + 4 numbers a sample; 3 rows after.
    """

    def room_1(width, new):
        return *new((2, K, width), dtype), *new((3, width), dtype)

    def block_1(first, last, u_1, u_3, u_2, u_4, u_5):
        x_part = x[first:last]
        y_part = y[first:last]
        xi_1 = np.matmul(W, x_part.T, out=u_1)  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
        a = np.add(b[:, None], xi_1, out=u_1)  # a[i,j] = b[i] + xi_1[i,j]
        xi_2 = a.max(axis=0, out=u_2)  # xi_2[j] = max_{i} a[i,j]
        xi_3 = _finite(xi_2, u_2)  # xi_3[i] = finite(xi_2[i])
        xi_4 = np.subtract(a, xi_3, out=u_1)  # xi_4[i,j] = a[i,j] - xi_3[j]
        xi_5 = np.exp(xi_4, out=u_3)  # xi_5[i,j] = exp(xi_4[i,j])
        xi_6 = _rest(xi_5, 0)  # xi_6[j] = sum_{i} xi_5[i,j] - 1
        xi_7 = np.log1p(xi_6, out=u_2)  # xi_7[i] = log1p(xi_6[i])
        xi_8 = np.subtract(xi_4, xi_7, out=u_1)  # xi_8[i,j] = xi_4[i,j] - xi_7[j]  [quotient of exponentials]
        xi_9 = np.add(xi_6, 1, out=u_2)  # xi_9[i] = 1 + xi_6[i]
        xi_10 = np.divide(1, xi_9, out=u_4)  # xi_10[i] = 1/xi_9[i]
        xi_11 = np.multiply(xi_10, xi_5, out=u_3)  # xi_11[i,j] = xi_5[i,j] xi_10[j]
        _index(y_part, K, 'P[i, y[i]]', 'y[i]', 0)
        xi_12 = xi_8[y_part, np.arange(-first + last)]  # xi_12[j] = sum_{i} xi_8[i,j] [i = y[j]]  [log of a read exponential]
        xi_13 = xi_12.sum()  # xi_13 = sum_{i} xi_12[i]
        xi_14 = np.multiply(xi_6, xi_10, out=u_5)  # xi_14[i] = xi_6[i] xi_10[i]
        xi_15 = xi_11  # xi_15[i,j] = xi_11[i,j] - xi_10[j] [i = y[j]] - [i = y[j]] xi_14[j]
        xi_15[y_part, np.arange(-first + last)] = xi_15[y_part, np.arange(-first + last)] - xi_10 - xi_14
        xi_16 = xi_15.sum(axis=1)  # xi_16[i] = sum_{j} xi_15[i,j]
        xi_17 = xi_15 @ x_part  # xi_17[k,j] = sum_{i} x[i,j] xi_15[k,i]
        return xi_13, xi_16, xi_17

    xi_13, xi_16, xi_17 = _blocks(block_1, room_1, n, 2*K + 2*d + 4)
    xi_18 = -(1/n)*xi_13  # xi_18 = -1/n xi_13
    bar_b = (1/n)*xi_16  # bar_b[i] = 1/n xi_16[i]
    bar_W = np.multiply((1 / n), xi_17, out=xi_17)  # bar_W[i,j] = 1/n xi_17[i,j]
    return xi_18, bar_W, bar_b


def _hvp_kernel(W, b, x, y, dot_W, dot_b, K, d, n, dtype):
    """The Hessian times given tangents.

    Plan: 0 rows before, blocks of 22 rows in 7 buffers, 4*K + 2*d + 3 numbers a sample; 0 rows after.
    """

    def room_1(width, new):
        return *new((3, K, width), dtype), *new((3, width), dtype), *new((1, K, width), bool)

    def block_1(first, last, u_1, u_3, u_6, u_2, u_4, u_7, u_5):
        x_part = x[first:last]
        xi_1 = np.matmul(W, x_part.T, out=u_1)  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
        a = np.add(b[:, None], xi_1, out=u_1)  # a[i,j] = b[i] + xi_1[i,j]
        xi_2 = a.max(axis=0, out=u_2)  # xi_2[j] = max_{i} a[i,j]
        xi_3 = _finite(xi_2, u_2)  # xi_3[i] = finite(xi_2[i])
        xi_4 = np.subtract(a, xi_3, out=u_1)  # xi_4[i,j] = a[i,j] - xi_3[j]
        xi_5 = np.exp(xi_4, out=u_1)  # xi_5[i,j] = exp(xi_4[i,j])
        xi_6 = _rest(xi_5, 0)  # xi_6[j] = sum_{i} xi_5[i,j] - 1
        xi_7 = np.add(xi_6, 1, out=u_2)  # xi_7[i] = 1 + xi_6[i]
        P = np.divide(xi_5, xi_7, out=u_1)  # P[i,j] = xi_5[i,j] (1/xi_7[j])  [quotient of exponentials]
        xi_8 = np.matmul(dot_W, x_part.T, out=u_3)  # xi_8[k,i] = sum_{j} x[i,j] dot_W[k,j]
        xi_9 = np.add(dot_b[:, None], xi_8, out=u_3)  # xi_9[j,i] = dot_b[j] + xi_8[j,i]
        xi_10 = np.einsum("ij,ij->j", P, xi_9, out=u_4)  # xi_10[j] = sum_{i} P[i,j] xi_9[i,j]
        xi_11 = np.subtract(xi_9, xi_10, out=u_3)  # xi_11[j,i] = xi_9[j,i] - xi_10[i]
        xi_12 = np.less_equal(P, 0.5, out=u_5)  # xi_12[i,j] = P[i,j] <= 0.5
        xi_13 = _masked(xi_11, xi_12, u_6)  # xi_13[i,j] = xi_11[i,j] if xi_12[i,j] else 0
        xi_14 = np.einsum("ij,ij->j", P, xi_13, out=u_4)  # xi_14[j] = sum_{i} P[i,j] xi_13[i,j]
        np.negative(xi_7, out=u_7)
        xi_15 = np.multiply(u_7, xi_14, out=u_7)  # xi_15[i] = -xi_7[i] xi_14[i]
        xi_16 = _unless_most(P, xi_15, xi_11, u_3)  # xi_16[i,j] = unless_most(P[i,j], xi_15[j], xi_11[i,j])
        np.multiply((1 / n), P, out=u_1)
        xi_17 = np.multiply(u_1, xi_16, out=u_1)  # xi_17[i,j] = 1/n P[i,j] xi_16[i,j]
        xi_18 = xi_17.sum(axis=1)  # xi_18[i] = sum_{j} xi_17[i,j]
        xi_19 = xi_17 @ x_part  # xi_19[k,j] = sum_{i} x[i,j] xi_17[k,i]
        return xi_18, xi_19

    xi_18, xi_19 = _blocks(block_1, room_1, n, 4*K + 2*d + 3)
    return xi_19, xi_18
