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

    Plan: 0 rows before, blocks of 26 rows in 7 buffers, 2*K + 2*d + 3*h + 3 numbers a sample; 10 rows after.
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
            xi_13 = P  # xi_13[i,j] = P[i,j] - [i = y[j]]
            xi_13[y_part, np.arange(-first + last)] += -1
            xi_14 = xi_13.sum(axis=1)  # xi_14[i] = sum_{j} xi_13[i,j]
            xi_15 = z @ xi_13.T  # xi_15[i,k] = sum_{j} z[i,j] xi_13[k,j]
            xi_16 = np.matmul(W2, xi_13, out=u_2)  # xi_16[i,k] = sum_{j} W2[i,j] xi_13[j,k]
            bar_z = np.multiply((1 / n), xi_16, out=u_2)  # bar_z[i,j] = 1/n xi_16[i,j]
            xi_17 = np.greater(xi_2, 0, out=u_7)  # xi_17[i,j] = xi_2[i,j] > 0
            xi_18 = _masked(bar_z, xi_17, u_1)  # xi_18[i,j] = bar_z[i,j] if xi_17[i,j] else 0
            bar_b1 = xi_18.sum(axis=1)  # bar_b1[i] = sum_{j} xi_18[i,j]
            xi_19 = x_part.T @ xi_18.T  # xi_19[j,k] = sum_{i} x[i,j] xi_18[k,i]
            return xi_12, xi_14, xi_15, bar_b1, xi_19

        xi_12, xi_14, xi_15, bar_b1, xi_19 = _blocks(block_1, room_1, n, 2*K + 2*d + 3*h + 3)
        xi_20 = W2.ravel().dot(W2.ravel())  # xi_20 = sum_{i,j} W2[i,j] W2[i,j]
        xi_21 = W1.ravel().dot(W1.ravel())  # xi_21 = sum_{i,j} W1[i,j] W1[i,j]
        xi_22 = xi_20 + xi_21  # xi_22 = xi_20 + xi_21
        xi_23 = lambda_*xi_22  # xi_23 = lambda_ xi_22
        xi_24 = (-1/n)*xi_12 + xi_23  # xi_24 = -1/n xi_12 + xi_23
        bar_b2 = (1/n)*xi_14  # bar_b2[i] = 1/n xi_14[i]
        xi_25 = np.multiply((2 * lambda_), W2, out=new((h, K), dtype))  # xi_25[i,j] = 2 W2[i,j] lambda_
        u_8 = np.multiply((1 / n), xi_15, out=new((h, K), dtype))
        bar_W2 = np.add(u_8, xi_25)  # bar_W2[i,j] = 1/n xi_15[i,j] + xi_25[i,j]
        xi_26 = np.multiply((2 * lambda_), W1, out=new((d, h), dtype))  # xi_26[i,j] = 2 W1[i,j] lambda_
        bar_W1 = np.add(xi_19, xi_26, out=xi_19)  # bar_W1[i,j] = xi_19[i,j] + xi_26[i,j]
        return xi_24, bar_W1, bar_b1, bar_W2, bar_b2

    return _in_room(rows)


def _hvp_kernel(W1, b1, W2, b2, lambda_, x, y, dot_W1, dot_b1, dot_W2, dot_b2, K, d, h, n, dtype):
    """The Hessian times given tangents.

    Plan: 0 rows before, blocks of 34 rows in 8 buffers, 3*K + 2*d + 4*h + 2 numbers a sample; 5 rows after.
    """

    def rows(new):

        def room_1(width, new):
            return *new((3, h, width), dtype), *new((3, K, width), dtype), *new((1, width), dtype), *new((1, h, width), bool)

        def block_1(first, last, u_1, u_2, u_6, u_3, u_7, u_8, u_4, u_5):
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
            xi_9 = _full(P, (K, -first + last), dtype)  # xi_9[i,j] = P[i,j] - [i = y[j]]
            xi_9[y_part, np.arange(-first + last)] += -1
            xi_10 = np.greater(xi_2, 0, out=u_5)  # xi_10[i,j] = xi_2[i,j] > 0
            xi_11 = np.matmul(dot_W1.T, x_part.T, out=u_1)  # xi_11[k,i] = sum_{j} x[i,j] dot_W1[j,k]
            xi_12 = np.add(dot_b1[:, None], xi_11, out=u_1)  # xi_12[j,i] = dot_b1[j] + xi_11[j,i]
            xi_13 = _masked(xi_12, xi_10, u_6)  # xi_13[i,j] = xi_12[i,j] if xi_10[i,j] else 0
            xi_14 = np.matmul(dot_W2.T, z, out=u_7)  # xi_14[k,j] = sum_{i} z[i,j] dot_W2[i,k]
            xi_15 = np.matmul(W2.T, xi_13, out=u_8)  # xi_15[j,k] = sum_{i} W2[i,j] xi_13[i,k]
            xi_16 = np.add(xi_14, xi_15, out=u_7)  # xi_16[j,i] = xi_14[j,i] + xi_15[j,i]
            xi_17 = np.add(dot_b2[:, None], xi_16, out=u_7)  # xi_17[j,i] = dot_b2[j] + xi_16[j,i]
            xi_18 = np.einsum("ij,ij->j", P, xi_17, out=u_4)  # xi_18[j] = sum_{i} P[i,j] xi_17[i,j]
            xi_19 = np.subtract(xi_17, xi_18, out=u_7)  # xi_19[j,i] = xi_17[j,i] - xi_18[i]
            np.multiply((1 / n), P, out=u_3)
            xi_20 = np.multiply(u_3, xi_19, out=u_3)  # xi_20[i,j] = 1/n P[i,j] xi_19[i,j]
            xi_21 = xi_20.sum(axis=1)  # xi_21[i] = sum_{j} xi_20[i,j]
            xi_22 = xi_13 @ xi_9.T  # xi_22[k,i] = sum_{j} xi_9[i,j] xi_13[k,j]
            xi_23 = z @ xi_20.T  # xi_23[i,k] = sum_{j} z[i,j] xi_20[k,j]
            xi_24 = np.matmul(dot_W2, xi_9, out=u_2)  # xi_24[k,j] = sum_{i} xi_9[i,j] dot_W2[k,i]
            xi_25 = np.matmul(W2, xi_20, out=u_6)  # xi_25[i,k] = sum_{j} W2[i,j] xi_20[j,k]
            np.multiply((1 / n), xi_24, out=u_2)
            xi_26 = np.add(u_2, xi_25, out=u_2)  # xi_26[j,i] = 1/n xi_24[j,i] + xi_25[j,i]
            xi_27 = _masked(xi_26, xi_10, u_1)  # xi_27[i,j] = xi_26[i,j] if xi_10[i,j] else 0
            xi_28 = xi_27.sum(axis=1)  # xi_28[i] = sum_{j} xi_27[i,j]
            xi_29 = x_part.T @ xi_27.T  # xi_29[j,k] = sum_{i} x[i,j] xi_27[k,i]
            return xi_21, xi_22, xi_23, xi_28, xi_29

        xi_21, xi_22, xi_23, xi_28, xi_29 = _blocks(block_1, room_1, n, 3*K + 2*d + 4*h + 2)
        u_9 = np.multiply((1 / n), xi_22, out=new((h, K), dtype))
        xi_30 = np.add(u_9, xi_23, out=u_9)  # xi_30[j,i] = 1/n xi_22[j,i] + xi_23[j,i]
        xi_31 = np.multiply((2 * lambda_), dot_W2, out=new((h, K), dtype))  # xi_31[i,j] = 2 lambda_ dot_W2[i,j]
        xi_32 = np.add(xi_30, xi_31, out=xi_23)  # xi_32[j,i] = xi_30[j,i] + xi_31[j,i]
        xi_33 = np.multiply((2 * lambda_), dot_W1, out=new((d, h), dtype))  # xi_33[i,j] = 2 lambda_ dot_W1[i,j]
        xi_34 = np.add(xi_29, xi_33, out=xi_29)  # xi_34[i,j] = xi_29[i,j] + xi_33[i,j]
        return xi_34, xi_28, xi_32, xi_21

    return _in_room(rows)
