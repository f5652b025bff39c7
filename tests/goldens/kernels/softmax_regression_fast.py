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
        xi_6 = xi_5.sum(axis=0, out=u_2)  # xi_6[j] = sum_{i} xi_5[i,j]
        xi_7 = np.log(xi_6, out=u_2)  # xi_7[i] = log(xi_6[i])
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

    Plan: 0 rows before, blocks of 17 rows in 4 buffers, 2*K + 2*d + 3 numbers a sample; 3 rows after.
    """

    def room_1(width, new):
        return *new((2, K, width), dtype), *new((2, width), dtype)

    def block_1(first, last, u_1, u_3, u_2, u_4):
        x_part = x[first:last]
        y_part = y[first:last]
        xi_1 = np.matmul(W, x_part.T, out=u_1)  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
        a = np.add(b[:, None], xi_1, out=u_1)  # a[i,j] = b[i] + xi_1[i,j]
        xi_2 = a.max(axis=0, out=u_2)  # xi_2[j] = max_{i} a[i,j]
        xi_3 = _finite(xi_2, u_2)  # xi_3[i] = finite(xi_2[i])
        xi_4 = np.subtract(a, xi_3, out=u_1)  # xi_4[i,j] = a[i,j] - xi_3[j]
        xi_5 = np.exp(xi_4, out=u_3)  # xi_5[i,j] = exp(xi_4[i,j])
        xi_6 = xi_5.sum(axis=0, out=u_2)  # xi_6[j] = sum_{i} xi_5[i,j]
        xi_7 = np.log(xi_6, out=u_4)  # xi_7[i] = log(xi_6[i])
        xi_8 = np.subtract(xi_4, xi_7, out=u_1)  # xi_8[i,j] = xi_4[i,j] - xi_7[j]  [quotient of exponentials]
        P = np.divide(xi_5, xi_6, out=u_3)  # P[i,j] = xi_5[i,j] (1/xi_6[j])  [quotient of exponentials]
        _index(y_part, K, 'P[i, y[i]]', 'y[i]', 0)
        xi_9 = xi_8[y_part, np.arange(-first + last)]  # xi_9[j] = sum_{i} xi_8[i,j] [i = y[j]]  [log of a read exponential]
        xi_10 = xi_9.sum()  # xi_10 = sum_{i} xi_9[i]
        xi_11 = P  # xi_11[i,j] = P[i,j] - [i = y[j]]
        xi_11[y_part, np.arange(-first + last)] += -1
        xi_12 = xi_11.sum(axis=1)  # xi_12[i] = sum_{j} xi_11[i,j]
        xi_13 = xi_11 @ x_part  # xi_13[k,j] = sum_{i} x[i,j] xi_11[k,i]
        return xi_10, xi_12, xi_13

    xi_10, xi_12, xi_13 = _blocks(block_1, room_1, n, 2*K + 2*d + 3)
    xi_14 = -(1/n)*xi_10  # xi_14 = -1/n xi_10
    bar_b = (1/n)*xi_12  # bar_b[i] = 1/n xi_12[i]
    bar_W = np.multiply((1 / n), xi_13, out=xi_13)  # bar_W[i,j] = 1/n xi_13[i,j]
    return xi_14, bar_W, bar_b


def _hvp_kernel(W, b, x, y, dot_W, dot_b, K, d, n, dtype):
    """The Hessian times given tangents.

    Plan: 0 rows before, blocks of 16 rows in 3 buffers, 2*K + 2*d + 1 numbers a sample; 0 rows after.
    """

    def room_1(width, new):
        return *new((2, K, width), dtype), *new((1, width), dtype)

    def block_1(first, last, u_1, u_3, u_2):
        x_part = x[first:last]
        xi_1 = np.matmul(W, x_part.T, out=u_1)  # xi_1[i,k] = sum_{j} W[i,j] x[k,j]
        a = np.add(b[:, None], xi_1, out=u_1)  # a[i,j] = b[i] + xi_1[i,j]
        xi_2 = a.max(axis=0, out=u_2)  # xi_2[j] = max_{i} a[i,j]
        xi_3 = _finite(xi_2, u_2)  # xi_3[i] = finite(xi_2[i])
        xi_4 = np.subtract(a, xi_3, out=u_1)  # xi_4[i,j] = a[i,j] - xi_3[j]
        xi_5 = np.exp(xi_4, out=u_1)  # xi_5[i,j] = exp(xi_4[i,j])
        xi_6 = xi_5.sum(axis=0, out=u_2)  # xi_6[j] = sum_{i} xi_5[i,j]
        xi_7 = np.divide(xi_5, xi_6, out=u_1)  # xi_7[i,j] = xi_5[i,j] (1/xi_6[j])
        xi_8 = np.matmul(dot_W, x_part.T, out=u_3)  # xi_8[k,i] = sum_{j} x[i,j] dot_W[k,j]
        xi_9 = np.add(dot_b[:, None], xi_8, out=u_3)  # xi_9[j,i] = dot_b[j] + xi_8[j,i]
        xi_10 = np.einsum("ij,ij->j", xi_7, xi_9, out=u_2)  # xi_10[j] = sum_{i} xi_7[i,j] xi_9[i,j]
        xi_11 = np.subtract(xi_9, xi_10, out=u_3)  # xi_11[j,i] = xi_9[j,i] - xi_10[i]
        np.multiply((1 / n), xi_7, out=u_1)
        xi_12 = np.multiply(u_1, xi_11, out=u_1)  # xi_12[i,j] = 1/n xi_7[i,j] xi_11[i,j]
        xi_13 = xi_12.sum(axis=1)  # xi_13[i] = sum_{j} xi_12[i,j]
        xi_14 = xi_12 @ x_part  # xi_14[k,j] = sum_{i} x[i,j] xi_12[k,i]
        return xi_13, xi_14

    xi_13, xi_14 = _blocks(block_1, room_1, n, 2*K + 2*d + 1)
    return xi_14, xi_13
