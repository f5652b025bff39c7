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
    xi_1 = np.exp(np.minimum(s3, 0))/(1 + np.exp(-np.abs(s3)))  # xi_1 = logistic(s3)  [sigmoid]
    bar_s3 = np.exp(-np.abs(s3))/((1 + np.exp(-np.abs(s3)))*(1 + np.exp(-np.abs(s3))))  # bar_s3 = logistic_slope(s3)
    bar_w1 = x1*bar_s3  # bar_w1 = x1 bar_s3
    bar_w0 = x0*bar_s3  # bar_w0 = x0 bar_s3
    return xi_1, bar_w0, bar_w1, bar_s3


def _hvp_kernel(w0, w1, w2, x0, x1, dot_w0, dot_w1, dot_w2, dtype):
    """The Hessian times given tangents."""
    s0 = w0*x0  # s0 = w0 x0
    s1 = w1*x1  # s1 = w1 x1
    s2 = s0 + s1  # s2 = s0 + s1
    s3 = w2 + s2  # s3 = w2 + s2
    bar_s3 = np.exp(-np.abs(s3))/((1 + np.exp(-np.abs(s3)))*(1 + np.exp(-np.abs(s3))))  # bar_s3 = logistic_slope(s3)
    xi_1 = x0*dot_w0  # xi_1 = x0 dot_w0
    xi_2 = x1*dot_w1  # xi_2 = x1 dot_w1
    xi_3 = xi_1 + xi_2  # xi_3 = xi_1 + xi_2
    xi_4 = dot_w2 + xi_3  # xi_4 = dot_w2 + xi_3
    xi_5 = 0.5*s3  # xi_5 = 0.5 s3
    xi_6 = np.tanh(xi_5)  # xi_6 = tanh(xi_5)
    xi_7 = -bar_s3*xi_6  # xi_7 = -bar_s3 xi_6
    xi_8 = xi_4*xi_7  # xi_8 = xi_4 xi_7
    xi_9 = x1*xi_8  # xi_9 = x1 xi_8
    xi_10 = x0*xi_8  # xi_10 = x0 xi_8
    return xi_10, xi_9, xi_8
