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
        xi_8 = _rest(xi_7, 0)  # xi_8[j] = sum_{i} xi_7[i,j] - 1
        xi_9 = np.log1p(xi_8, out=u_3)  # xi_9[i] = log1p(xi_8[i])
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

    Plan: 0 rows before, blocks of 30 rows in 8 buffers, 2*K + 2*d + 3*h + 4 numbers a sample; 10 rows after.
    """

    def rows(new):

        def room_1(width, new):
            return *new((2, h, width), dtype), *new((2, K, width), dtype), *new((3, width), dtype), *new((1, h, width), bool)

        def block_1(first, last, u_1, u_2, u_3, u_5, u_4, u_6, u_7, u_8):
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
            xi_8 = _rest(xi_7, 0)  # xi_8[j] = sum_{i} xi_7[i,j] - 1
            xi_9 = np.log1p(xi_8, out=u_4)  # xi_9[i] = log1p(xi_8[i])
            xi_10 = np.subtract(xi_6, xi_9, out=u_3)  # xi_10[i,j] = xi_6[i,j] - xi_9[j]  [quotient of exponentials]
            xi_11 = np.add(xi_8, 1, out=u_4)  # xi_11[i] = 1 + xi_8[i]
            xi_12 = np.divide(1, xi_11, out=u_6)  # xi_12[i] = 1/xi_11[i]
            xi_13 = np.multiply(xi_12, xi_7, out=u_5)  # xi_13[i,j] = xi_7[i,j] xi_12[j]
            _index(y_part, K, 'P[i, y[i]]', 'y[i]', 0)
            xi_14 = xi_10[y_part, np.arange(-first + last)]  # xi_14[j] = sum_{i} xi_10[i,j] [i = y[j]]  [log of a read exponential]
            xi_15 = xi_14.sum()  # xi_15 = sum_{i} xi_14[i]
            xi_16 = np.multiply(xi_8, xi_12, out=u_7)  # xi_16[i] = xi_8[i] xi_12[i]
            xi_17 = xi_13  # xi_17[i,j] = xi_13[i,j] - xi_12[j] [i = y[j]] - [i = y[j]] xi_16[j]
            xi_17[y_part, np.arange(-first + last)] = xi_17[y_part, np.arange(-first + last)] - xi_12 - xi_16
            xi_18 = xi_17.sum(axis=1)  # xi_18[i] = sum_{j} xi_17[i,j]
            xi_19 = z @ xi_17.T  # xi_19[i,k] = sum_{j} z[i,j] xi_17[k,j]
            xi_20 = np.matmul(W2, xi_17, out=u_2)  # xi_20[i,k] = sum_{j} W2[i,j] xi_17[j,k]
            bar_z = np.multiply((1 / n), xi_20, out=u_2)  # bar_z[i,j] = 1/n xi_20[i,j]
            xi_21 = np.greater(xi_2, 0, out=u_8)  # xi_21[i,j] = xi_2[i,j] > 0
            xi_22 = _masked(bar_z, xi_21, u_1)  # xi_22[i,j] = bar_z[i,j] if xi_21[i,j] else 0
            bar_b1 = xi_22.sum(axis=1)  # bar_b1[i] = sum_{j} xi_22[i,j]
            xi_23 = x_part.T @ xi_22.T  # xi_23[j,k] = sum_{i} x[i,j] xi_22[k,i]
            return xi_15, xi_18, xi_19, bar_b1, xi_23

        xi_15, xi_18, xi_19, bar_b1, xi_23 = _blocks(block_1, room_1, n, 2*K + 2*d + 3*h + 4)
        xi_24 = W2.ravel().dot(W2.ravel())  # xi_24 = sum_{i,j} W2[i,j] W2[i,j]
        xi_25 = W1.ravel().dot(W1.ravel())  # xi_25 = sum_{i,j} W1[i,j] W1[i,j]
        xi_26 = xi_24 + xi_25  # xi_26 = xi_24 + xi_25
        xi_27 = lambda_*xi_26  # xi_27 = lambda_ xi_26
        xi_28 = (-1/n)*xi_15 + xi_27  # xi_28 = -1/n xi_15 + xi_27
        bar_b2 = (1/n)*xi_18  # bar_b2[i] = 1/n xi_18[i]
        xi_29 = np.multiply((2 * lambda_), W2, out=new((h, K), dtype))  # xi_29[i,j] = 2 W2[i,j] lambda_
        u_9 = np.multiply((1 / n), xi_19, out=new((h, K), dtype))
        bar_W2 = np.add(u_9, xi_29)  # bar_W2[i,j] = 1/n xi_19[i,j] + xi_29[i,j]
        xi_30 = np.multiply((2 * lambda_), W1, out=new((d, h), dtype))  # xi_30[i,j] = 2 W1[i,j] lambda_
        bar_W1 = np.add(xi_23, xi_30, out=xi_23)  # bar_W1[i,j] = xi_23[i,j] + xi_30[i,j]
        return xi_28, bar_W1, bar_b1, bar_W2, bar_b2

    return _in_room(rows)


def _hvp_kernel(W1, b1, W2, b2, lambda_, x, y, dot_W1, dot_b1, dot_W2, dot_b2, K, d, h, n, dtype):
    """The Hessian times given tangents.

    Plan: 0 rows before, blocks of 43 rows in 11 buffers, 4*K + 2*d + 4*h + 4 numbers a sample; 5 rows after.
    """

    def rows(new):

        def room_1(width, new):
            return (
                *new((3, h, width), dtype),
                *new((3, K, width), dtype),
                *new((3, width), dtype),
                *new((1, h, width), bool),
                *new((1, K, width), bool),
            )

        def block_1(first, last, u_1, u_2, u_8, u_3, u_9, u_10, u_4, u_5, u_6, u_7, u_11):
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
            xi_8 = _rest(xi_7, 0)  # xi_8[j] = sum_{i} xi_7[i,j] - 1
            xi_9 = np.add(xi_8, 1, out=u_4)  # xi_9[i] = 1 + xi_8[i]
            xi_10 = np.divide(1, xi_9, out=u_5)  # xi_10[i] = 1/xi_9[i]
            P = np.multiply(xi_10, xi_7, out=u_3)  # P[i,j] = xi_7[i,j] xi_10[j]  [quotient of exponentials]
            _index(y_part, K, 'P[i, y[i]]', 'y[i]', 0)
            xi_11 = np.multiply(xi_8, xi_10, out=u_6)  # xi_11[i] = xi_8[i] xi_10[i]
            xi_12 = _full(P, (K, -first + last), dtype)  # xi_12[i,j] = P[i,j] - xi_10[j] [i = y[j]] - [i = y[j]] xi_11[j]
            xi_12[y_part, np.arange(-first + last)] = xi_12[y_part, np.arange(-first + last)] - xi_10 - xi_11
            xi_13 = np.greater(xi_2, 0, out=u_7)  # xi_13[i,j] = xi_2[i,j] > 0
            xi_14 = np.matmul(dot_W1.T, x_part.T, out=u_1)  # xi_14[k,i] = sum_{j} x[i,j] dot_W1[j,k]
            xi_15 = np.add(dot_b1[:, None], xi_14, out=u_1)  # xi_15[j,i] = dot_b1[j] + xi_14[j,i]
            xi_16 = _masked(xi_15, xi_13, u_8)  # xi_16[i,j] = xi_15[i,j] if xi_13[i,j] else 0
            xi_17 = np.matmul(dot_W2.T, z, out=u_9)  # xi_17[k,j] = sum_{i} z[i,j] dot_W2[i,k]
            xi_18 = np.matmul(W2.T, xi_16, out=u_10)  # xi_18[j,k] = sum_{i} W2[i,j] xi_16[i,k]
            xi_19 = np.add(xi_17, xi_18, out=u_9)  # xi_19[j,i] = xi_17[j,i] + xi_18[j,i]
            xi_20 = np.add(dot_b2[:, None], xi_19, out=u_9)  # xi_20[j,i] = dot_b2[j] + xi_19[j,i]
            xi_21 = np.einsum("ij,ij->j", P, xi_20, out=u_5)  # xi_21[j] = sum_{i} P[i,j] xi_20[i,j]
            xi_22 = np.subtract(xi_20, xi_21, out=u_9)  # xi_22[j,i] = xi_20[j,i] - xi_21[i]
            xi_23 = np.less_equal(P, 0.5, out=u_11)  # xi_23[i,j] = P[i,j] <= 0.5
            xi_24 = _masked(xi_22, xi_23, u_10)  # xi_24[i,j] = xi_22[i,j] if xi_23[i,j] else 0
            xi_25 = np.einsum("ij,ij->j", P, xi_24, out=u_5)  # xi_25[j] = sum_{i} P[i,j] xi_24[i,j]
            np.negative(xi_9, out=u_6)
            xi_26 = np.multiply(u_6, xi_25, out=u_6)  # xi_26[i] = -xi_9[i] xi_25[i]
            xi_27 = _unless_most(P, xi_26, xi_22, u_9)  # xi_27[i,j] = unless_most(P[i,j], xi_26[j], xi_22[i,j])
            np.multiply((1 / n), P, out=u_3)
            xi_28 = np.multiply(u_3, xi_27, out=u_3)  # xi_28[i,j] = 1/n P[i,j] xi_27[i,j]
            xi_29 = xi_28.sum(axis=1)  # xi_29[i] = sum_{j} xi_28[i,j]
            xi_30 = xi_16 @ xi_12.T  # xi_30[k,i] = sum_{j} xi_12[i,j] xi_16[k,j]
            xi_31 = z @ xi_28.T  # xi_31[i,k] = sum_{j} z[i,j] xi_28[k,j]
            xi_32 = np.matmul(dot_W2, xi_12, out=u_2)  # xi_32[k,j] = sum_{i} xi_12[i,j] dot_W2[k,i]
            xi_33 = np.matmul(W2, xi_28, out=u_8)  # xi_33[i,k] = sum_{j} W2[i,j] xi_28[j,k]
            np.multiply((1 / n), xi_32, out=u_2)
            xi_34 = np.add(u_2, xi_33, out=u_2)  # xi_34[j,i] = 1/n xi_32[j,i] + xi_33[j,i]
            xi_35 = _masked(xi_34, xi_13, u_1)  # xi_35[i,j] = xi_34[i,j] if xi_13[i,j] else 0
            xi_36 = xi_35.sum(axis=1)  # xi_36[i] = sum_{j} xi_35[i,j]
            xi_37 = x_part.T @ xi_35.T  # xi_37[j,k] = sum_{i} x[i,j] xi_35[k,i]
            return xi_29, xi_30, xi_31, xi_36, xi_37

        xi_29, xi_30, xi_31, xi_36, xi_37 = _blocks(block_1, room_1, n, 4*K + 2*d + 4*h + 4)
        u_12 = np.multiply((1 / n), xi_30, out=new((h, K), dtype))
        xi_38 = np.add(u_12, xi_31, out=u_12)  # xi_38[j,i] = 1/n xi_30[j,i] + xi_31[j,i]
        xi_39 = np.multiply((2 * lambda_), dot_W2, out=new((h, K), dtype))  # xi_39[i,j] = 2 lambda_ dot_W2[i,j]
        xi_40 = np.add(xi_38, xi_39, out=xi_31)  # xi_40[j,i] = xi_38[j,i] + xi_39[j,i]
        xi_41 = np.multiply((2 * lambda_), dot_W1, out=new((d, h), dtype))  # xi_41[i,j] = 2 lambda_ dot_W1[i,j]
        xi_42 = np.add(xi_37, xi_41, out=xi_37)  # xi_42[i,j] = xi_37[i,j] + xi_41[i,j]
        return xi_42, xi_36, xi_40, xi_29

    return _in_room(rows)
