def _value_kernel(W1, b1, W2, b2, lambda_, x, y, K, d, h, n, dtype):
    """The results.

    Plan: 0 rows before, blocks of 15 rows in 4 buffers, 2*K + 2*d + h + 2 numbers a sample; 5 rows after.
    """

    def room_1(width, new):
        return *new((1, h, width), dtype), *new((2, K, width), dtype), *new((1, width), dtype)

    def block_1(first, last, u_1, u_2, u_4, u_3):
        x_part = x[first:last]
        y_part = y[first:last]
        xi_1 = np.matmul(W1.T, x_part.T, out=u_1)  # xi_1[j,k] = sum_{i} W1[i,j] x[k,i]
        xi_2 = np.add(b1[:, None], xi_1, out=u_1)  # xi_2[i,j] = b1[i] + xi_1[i,j]
        z = np.maximum(xi_2, 0, out=u_1)  # z[i,j] = max(0, xi_2[i,j])
        xi_3 = np.matmul(W2.T, z, out=u_2)  # xi_3[j,k] = sum_{i} W2[i,j] z[i,k]
        a = np.add(b2[:, None], xi_3, out=u_2)  # a[i,j] = b2[i] + xi_3[i,j]
        xi_4 = a.max(axis=0, out=u_3)  # xi_4[j] = max_{i} a[i,j]
        xi_5 = _finite(xi_4, u_3)  # xi_5[i] = finite(xi_4[i])
        xi_6 = np.subtract(a, xi_5, out=u_2)  # xi_6[i,j] = a[i,j] - xi_5[j]
        xi_7 = np.exp(xi_6, out=u_4)  # xi_7[i,j] = exp(xi_6[i,j])
        xi_8 = xi_7.sum(axis=0, out=u_3)  # xi_8[j] = sum_{i} xi_7[i,j]
        xi_9 = np.log(xi_8, out=u_3)  # xi_9[i] = log(xi_8[i])
        xi_10 = np.subtract(xi_6, xi_9, out=u_2)  # xi_10[i,j] = xi_6[i,j] - xi_9[j]  [quotient of exponentials]
        _index(y_part, K, 'P[i, y[i]]', 'y[i]', 0)
        xi_11 = xi_10[y_part, np.arange(-first + last)]  # xi_11[j] = sum_{i} xi_10[i,j] [i = y[j]]  [log of a read exponential]
        xi_12 = xi_11.sum()  # xi_12 = sum_{i} xi_11[i]
        return xi_12,

    xi_12, = _blocks(block_1, room_1, n, 2*K + 2*d + h + 2)
    xi_13 = W2.ravel().dot(W2.ravel())  # xi_13 = sum_{i,j} W2[i,j] W2[i,j]
    xi_14 = W1.ravel().dot(W1.ravel())  # xi_14 = sum_{i,j} W1[i,j] W1[i,j]
    xi_15 = xi_13 + xi_14  # xi_15 = xi_13 + xi_14
    xi_16 = lambda_*xi_15  # xi_16 = lambda_ xi_15
    xi_17 = (-1/n)*xi_12 + xi_16  # xi_17 = -1/n xi_12 + xi_16
    return xi_17,


def _value_and_grad_kernel(W1, b1, W2, b2, lambda_, x, y, K, d, h, n, dtype):
    """The result and its gradient towards every parameter: a forward sweep, then a backward sweep.

    Plan: 0 rows before, blocks of 25 rows in 7 buffers, 2*K + 2*d + 3*h + 3 numbers a sample; 9 rows after.
    """

    def rows(new):

        def room_1(width, new):
            return *new((2, h, width), dtype), *new((2, K, width), dtype), *new((2, width), dtype), *new((1, h, width), bool)

        def block_1(first, last, u_1, u_2, u_3, u_5, u_4, u_6, u_7):
            x_part = x[first:last]
            y_part = y[first:last]
            xi_1 = np.matmul(W1.T, x_part.T, out=u_1)  # xi_1[j,k] = sum_{i} W1[i,j] x[k,i]
            xi_2 = np.add(b1[:, None], xi_1, out=u_1)  # xi_2[i,j] = b1[i] + xi_1[i,j]
            z = np.maximum(xi_2, 0, out=u_2)  # z[i,j] = max(0, xi_2[i,j])
            xi_3 = np.matmul(W2.T, z, out=u_3)  # xi_3[j,k] = sum_{i} W2[i,j] z[i,k]
            a = np.add(b2[:, None], xi_3, out=u_3)  # a[i,j] = b2[i] + xi_3[i,j]
            xi_4 = a.max(axis=0, out=u_4)  # xi_4[j] = max_{i} a[i,j]
            xi_5 = _finite(xi_4, u_4)  # xi_5[i] = finite(xi_4[i])
            xi_6 = np.subtract(a, xi_5, out=u_3)  # xi_6[i,j] = a[i,j] - xi_5[j]
            xi_7 = np.exp(xi_6, out=u_5)  # xi_7[i,j] = exp(xi_6[i,j])
            xi_8 = xi_7.sum(axis=0, out=u_4)  # xi_8[j] = sum_{i} xi_7[i,j]
            xi_9 = np.log(xi_8, out=u_6)  # xi_9[i] = log(xi_8[i])
            xi_10 = np.subtract(xi_6, xi_9, out=u_3)  # xi_10[i,j] = xi_6[i,j] - xi_9[j]  [quotient of exponentials]
            P = np.divide(xi_7, xi_8, out=u_5)  # P[i,j] = xi_7[i,j] (1/xi_8[j])  [quotient of exponentials]
            _index(y_part, K, 'P[i, y[i]]', 'y[i]', 0)
            xi_11 = xi_10[y_part, np.arange(-first + last)]  # xi_11[j] = sum_{i} xi_10[i,j] [i = y[j]]  [log of a read exponential]
            xi_12 = xi_11.sum()  # xi_12 = sum_{i} xi_11[i]
            bar_a = np.multiply((1 / n), P, out=u_5)  # bar_a[i,j] = 1/n P[i,j] - 1/n [i = y[j]]
            bar_a[y_part, np.arange(-first + last)] += -(1/n)
            bar_b2 = bar_a.sum(axis=1)  # bar_b2[i] = sum_{j} bar_a[i,j]
            xi_13 = z @ bar_a.T  # xi_13[i,k] = sum_{j} z[i,j] bar_a[k,j]
            bar_z = np.matmul(W2, bar_a, out=u_2)  # bar_z[i,k] = sum_{j} W2[i,j] bar_a[j,k]
            xi_14 = np.greater(xi_2, 0, out=u_7)  # xi_14[i,j] = xi_2[i,j] > 0
            xi_15 = _masked(bar_z, xi_14, u_1)  # xi_15[i,j] = bar_z[i,j] if xi_14[i,j] else 0
            bar_b1 = xi_15.sum(axis=1)  # bar_b1[i] = sum_{j} xi_15[i,j]
            xi_16 = x_part.T @ xi_15.T  # xi_16[j,k] = sum_{i} x[i,j] xi_15[k,i]
            return xi_12, bar_b2, xi_13, bar_b1, xi_16

        xi_12, bar_b2, xi_13, bar_b1, xi_16 = _blocks(block_1, room_1, n, 2*K + 2*d + 3*h + 3)
        xi_17 = W2.ravel().dot(W2.ravel())  # xi_17 = sum_{i,j} W2[i,j] W2[i,j]
        xi_18 = W1.ravel().dot(W1.ravel())  # xi_18 = sum_{i,j} W1[i,j] W1[i,j]
        xi_19 = xi_17 + xi_18  # xi_19 = xi_17 + xi_18
        xi_20 = lambda_*xi_19  # xi_20 = lambda_ xi_19
        xi_21 = (-1/n)*xi_12 + xi_20  # xi_21 = -1/n xi_12 + xi_20
        xi_22 = np.multiply((2 * lambda_), W2, out=new((h, K), dtype))  # xi_22[i,j] = 2 W2[i,j] lambda_
        bar_W2 = np.add(xi_13, xi_22, out=xi_13)  # bar_W2[i,j] = xi_13[i,j] + xi_22[i,j]
        xi_23 = np.multiply((2 * lambda_), W1, out=new((d, h), dtype))  # xi_23[i,j] = 2 W1[i,j] lambda_
        bar_W1 = np.add(xi_16, xi_23, out=xi_16)  # bar_W1[i,j] = xi_16[i,j] + xi_23[i,j]
        return xi_21, bar_W1, bar_b1, bar_W2, bar_b2

    return _in_room(rows)


def _hvp_kernel(W1, b1, W2, b2, lambda_, x, y, dot_W1, dot_b1, dot_W2, dot_b2, K, d, h, n, dtype):
    """The Hessian times given tangents.

    Plan: 0 rows before, blocks of 34 rows in 9 buffers, 4*K + 2*d + 4*h + 2 numbers a sample; 5 rows after.
    """

    def rows(new):

        def room_1(width, new):
            return *new((3, h, width), dtype), *new((4, K, width), dtype), *new((1, width), dtype), *new((1, h, width), bool)

        def block_1(first, last, u_1, u_2, u_7, u_3, u_5, u_8, u_9, u_4, u_6):
            x_part = x[first:last]
            y_part = y[first:last]
            xi_1 = np.matmul(W1.T, x_part.T, out=u_1)  # xi_1[j,k] = sum_{i} W1[i,j] x[k,i]
            xi_2 = np.add(b1[:, None], xi_1, out=u_1)  # xi_2[i,j] = b1[i] + xi_1[i,j]
            z = np.maximum(xi_2, 0, out=u_2)  # z[i,j] = max(0, xi_2[i,j])
            xi_3 = np.matmul(W2.T, z, out=u_3)  # xi_3[j,k] = sum_{i} W2[i,j] z[i,k]
            a = np.add(b2[:, None], xi_3, out=u_3)  # a[i,j] = b2[i] + xi_3[i,j]
            xi_4 = a.max(axis=0, out=u_4)  # xi_4[j] = max_{i} a[i,j]
            xi_5 = _finite(xi_4, u_4)  # xi_5[i] = finite(xi_4[i])
            xi_6 = np.subtract(a, xi_5, out=u_3)  # xi_6[i,j] = a[i,j] - xi_5[j]
            xi_7 = np.exp(xi_6, out=u_3)  # xi_7[i,j] = exp(xi_6[i,j])
            xi_8 = xi_7.sum(axis=0, out=u_4)  # xi_8[j] = sum_{i} xi_7[i,j]
            P = np.divide(xi_7, xi_8, out=u_3)  # P[i,j] = xi_7[i,j] (1/xi_8[j])  [quotient of exponentials]
            _index(y_part, K, 'P[i, y[i]]', 'y[i]', 0)
            bar_a = np.multiply((1 / n), P, out=u_5)  # bar_a[i,j] = 1/n P[i,j] - 1/n [i = y[j]]
            bar_a[y_part, np.arange(-first + last)] += -(1/n)
            xi_9 = np.greater(xi_2, 0, out=u_6)  # xi_9[i,j] = xi_2[i,j] > 0
            xi_10 = np.matmul(dot_W1.T, x_part.T, out=u_1)  # xi_10[k,i] = sum_{j} x[i,j] dot_W1[j,k]
            xi_11 = np.add(dot_b1[:, None], xi_10, out=u_1)  # xi_11[j,i] = dot_b1[j] + xi_10[j,i]
            xi_12 = _masked(xi_11, xi_9, u_7)  # xi_12[i,j] = xi_11[i,j] if xi_9[i,j] else 0
            xi_13 = np.matmul(dot_W2.T, z, out=u_8)  # xi_13[k,j] = sum_{i} z[i,j] dot_W2[i,k]
            xi_14 = np.matmul(W2.T, xi_12, out=u_9)  # xi_14[j,k] = sum_{i} W2[i,j] xi_12[i,k]
            xi_15 = np.add(xi_13, xi_14, out=u_8)  # xi_15[j,i] = xi_13[j,i] + xi_14[j,i]
            xi_16 = np.add(dot_b2[:, None], xi_15, out=u_8)  # xi_16[j,i] = dot_b2[j] + xi_15[j,i]
            xi_17 = np.einsum("ij,ij->j", P, xi_16, out=u_4)  # xi_17[j] = sum_{i} P[i,j] xi_16[i,j]
            xi_18 = np.subtract(xi_16, xi_17, out=u_8)  # xi_18[j,i] = xi_16[j,i] - xi_17[i]
            np.multiply((1 / n), P, out=u_3)
            xi_19 = np.multiply(u_3, xi_18, out=u_3)  # xi_19[i,j] = 1/n P[i,j] xi_18[i,j]
            xi_20 = xi_19.sum(axis=1)  # xi_20[i] = sum_{j} xi_19[i,j]
            xi_21 = xi_12 @ bar_a.T  # xi_21[k,i] = sum_{j} bar_a[i,j] xi_12[k,j]
            xi_22 = z @ xi_19.T  # xi_22[i,k] = sum_{j} z[i,j] xi_19[k,j]
            xi_23 = np.matmul(dot_W2, bar_a, out=u_2)  # xi_23[k,j] = sum_{i} bar_a[i,j] dot_W2[k,i]
            xi_24 = np.matmul(W2, xi_19, out=u_7)  # xi_24[i,k] = sum_{j} W2[i,j] xi_19[j,k]
            xi_25 = np.add(xi_23, xi_24, out=u_2)  # xi_25[j,i] = xi_23[j,i] + xi_24[j,i]
            xi_26 = _masked(xi_25, xi_9, u_7)  # xi_26[i,j] = xi_25[i,j] if xi_9[i,j] else 0
            xi_27 = xi_26.sum(axis=1)  # xi_27[i] = sum_{j} xi_26[i,j]
            xi_28 = x_part.T @ xi_26.T  # xi_28[j,k] = sum_{i} x[i,j] xi_26[k,i]
            return xi_20, xi_21, xi_22, xi_27, xi_28

        xi_20, xi_21, xi_22, xi_27, xi_28 = _blocks(block_1, room_1, n, 4*K + 2*d + 4*h + 2)
        xi_29 = np.add(xi_21, xi_22, out=new((h, K), dtype))  # xi_29[j,i] = xi_21[j,i] + xi_22[j,i]
        xi_30 = np.multiply((2 * lambda_), dot_W2, out=new((h, K), dtype))  # xi_30[i,j] = 2 lambda_ dot_W2[i,j]
        xi_31 = np.add(xi_29, xi_30, out=xi_22)  # xi_31[j,i] = xi_29[j,i] + xi_30[j,i]
        xi_32 = np.multiply((2 * lambda_), dot_W1, out=new((d, h), dtype))  # xi_32[i,j] = 2 lambda_ dot_W1[i,j]
        xi_33 = np.add(xi_28, xi_32, out=xi_28)  # xi_33[i,j] = xi_28[i,j] + xi_32[i,j]
        return xi_33, xi_27, xi_31, xi_20

    return _in_room(rows)
