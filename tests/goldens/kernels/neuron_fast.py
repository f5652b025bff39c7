def _value_kernel(w0, w1, w2, x0, x1, dtype):
    """The results."""
    s0 = w0*x0  # s0 = w0 x0
    s1 = w1*x1  # s1 = w1 x1
    s2 = s0 + s1  # s2 = s0 + s1
    s3 = w2 + s2  # s3 = w2 + s2
    xi_1 = np.exp(np.minimum(s3, 0))/(1 + np.exp(-np.abs(s3)))  # xi_1 = logistic(s3)  [sigmoid]
    return xi_1,


def _value_and_grad_kernel(w0, w1, w2, x0, x1, dtype):
    """The result and its gradient towards every parameter: a forward sweep, then a backward sweep."""
    s0 = w0*x0  # s0 = w0 x0
    s1 = w1*x1  # s1 = w1 x1
    s2 = s0 + s1  # s2 = s0 + s1
    s3 = w2 + s2  # s3 = w2 + s2
    xi_1 = np.minimum(s3, 0)  # xi_1 = min(s3, 0)
    xi_2 = np.exp(xi_1)  # xi_2 = exp(xi_1)
    xi_3 = np.abs(s3)  # xi_3 = abs(s3)
    xi_4 = -xi_3  # xi_4 = -xi_3
    xi_5 = np.exp(xi_4)  # xi_5 = exp(xi_4)
    xi_6 = xi_5 + 1  # xi_6 = 1 + xi_5
    xi_7 = xi_2/xi_6  # xi_7 = xi_2 (1/xi_6)  [logistic]
    xi_8 = xi_6*xi_6  # xi_8 = xi_6^2
    bar_s3 = xi_5/xi_8  # bar_s3 = xi_5 (1/xi_8)  [logistic_slope]
    bar_w1 = x1*bar_s3  # bar_w1 = x1 bar_s3
    bar_w0 = x0*bar_s3  # bar_w0 = x0 bar_s3
    return xi_7, bar_w0, bar_w1, bar_s3


def _hvp_kernel(w0, w1, w2, x0, x1, dot_w0, dot_w1, dot_w2, dtype):
    """The Hessian times given tangents."""
    s0 = w0*x0  # s0 = w0 x0
    s1 = w1*x1  # s1 = w1 x1
    s2 = s0 + s1  # s2 = s0 + s1
    s3 = w2 + s2  # s3 = w2 + s2
    xi_1 = np.abs(s3)  # xi_1 = abs(s3)
    xi_2 = -xi_1  # xi_2 = -xi_1
    xi_3 = np.exp(xi_2)  # xi_3 = exp(xi_2)
    xi_4 = xi_3 + 1  # xi_4 = 1 + xi_3
    xi_5 = xi_4*xi_4  # xi_5 = xi_4^2
    bar_s3 = xi_3/xi_5  # bar_s3 = xi_3 (1/xi_5)  [logistic_slope]
    xi_6 = x0*dot_w0  # xi_6 = x0 dot_w0
    xi_7 = x1*dot_w1  # xi_7 = x1 dot_w1
    xi_8 = xi_6 + xi_7  # xi_8 = xi_6 + xi_7
    xi_9 = dot_w2 + xi_8  # xi_9 = dot_w2 + xi_8
    xi_10 = 0.5*s3  # xi_10 = 0.5 s3
    xi_11 = np.tanh(xi_10)  # xi_11 = tanh(xi_10)
    xi_12 = -bar_s3*xi_11  # xi_12 = -bar_s3 xi_11
    xi_13 = xi_9*xi_12  # xi_13 = xi_9 xi_12
    xi_14 = x1*xi_13  # xi_14 = x1 xi_13
    xi_15 = x0*xi_13  # xi_15 = x0 xi_13
    return xi_15, xi_14, xi_13
