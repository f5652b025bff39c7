"""A seventh list of formulas that were written down before any of them was compiled, of many fields, in the form in which a book prints them."""

from __future__ import annotations

import sympy as sp
from shorthand import H2, Phi, R, S, phi
from sympy import (
    Abs,
    Max,
    Piecewise,
    acos,
    asin,
    asinh,
    atan,
    atanh,
    cos,
    cosh,
    digamma,
    erfc,
    exp,
    gamma,
    log,
    loggamma,
    pi,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from textbook import x


def call(s: sp.Expr) -> sp.Expr:  # strike 100, one year, rate 3/100, volatility 1/5
    d1 = (log(s/100) + R(3,100) + R(1,50))/R(1,5)
    return s*Phi(d1) - 100*exp(-R(3,100))*Phi(d1 - R(1,5))


_th = sqrt(R(5,4))  # standard deviation of the difference of two normals
_nu1 = x*Phi(x/_th) + _th*phi(x/_th)
_nu2 = (x**2 + 1)*Phi(x/_th) + R(1,4)*Phi(-x/_th) + x*_th*phi(x/_th)
_ab = (x + R(9,10))**2
_dl = x/sqrt(1 + x**2)
_msk = Max(S(x) - R(1,20), 0)
_neg = Max((exp(2*x) - R(1,10)*exp(R(3,2)))/R(9,10), exp(-2))
_mp = x + R(1,2)
_sk = sqrt(4 + x**4)
_l73 = sqrt(R(7,3))
_t12 = R(13,10)
_t21 = R(4,5)
_g12 = exp(-R(3,10)*_t12)
_g21 = exp(-R(3,10)*_t21)
_hp = 10**(-x)
_k1 = R(45,10**8)
_k2 = R(47,10**12)
_rt = sqrt(x**2 + 1)
_hyp = 2*atanh(tan(x/2)/sqrt(5))  # eccentricity 3/2
_aw = R(12194)**2*x**4/((x**2 + R(206,10)**2)*sqrt((x**2 + R(1077,10)**2)*(x**2 + R(7379,10)**2))*(x**2 + R(12194)**2))

SEVENTH = {
    # statistics, survival, actuarial science and econometrics
    "beta log density at 1/4 in first shape": ((x - 1)*log(R(1,4)) + 2*log(R(3,4)) - loggamma(x) - loggamma(3) + loggamma(x + 3), 1e-8, 1e8),
    "beta-binomial log pmf 3 of 10 in precision": (log(120) + loggamma(3 + x/4) + loggamma(7 + 3*x/4) - loggamma(10 + x)
        - loggamma(x/4) - loggamma(3*x/4) + loggamma(x), 1e-6, 1e8),
    "poisson log pmf in count": (x*log(5) - 5 - loggamma(x + 1), 0.0, 1e8),
    "chi-square 5 survival": (erfc(sqrt(x/2)) + sqrt(2*x/pi)*exp(-x/2)*(1 + x/3), 1e-8, 1e4),
    "exponentiated weibull survival": (1 - (1 - exp(-(x/2)**R(3,2)))**R(5,2), 1e-8, 1e4),
    "gompertz survival with inverse gaussian frailty": (exp(2*(1 - sqrt(1 + R(1,100)/R(1,10)*(exp(x/10) - 1)))), 1e-8, 1e3),
    "heligman-pollard odds of death": (R(54,10**5)**((x + R(17,1000))**R(101,1000))
        + R(13,10**5)*exp(-R(107,10)*(log(x) - log(R(182,10)))**2) + R(18,10**6)*R(11,10)**x, 1e-8, 1e3),
    "central death rate under balducci": (-x**2/((1 - x)*log(1 - x)), 1e-12, 1 - 1e-12),
    "constant force less central rate of uniform deaths": (-log(1 - x) - x/(1 - x/2), 1e-12, 1 - 1e-12),
    "exponential premium of uniform loss in risk aversion": (log((exp(x) - 1)/x)/x, -1e4, 1e4),
    "lundberg equation of mixed exponential claims": (1 + R(7,5)*R(5,21)*x - (R(1,2)*3/(3 - x) + R(1,2)*7/(7 - x)), -1e4, 3 - 1e-10),
    "ruin probability in safety loading": (exp(-10*x/(1 + x))/(1 + x), 1e-8, 1e8),
    "loss elimination ratio of lognormal": (Phi((log(x) - R(9,4))/R(3,2)) + x*(1 - Phi(log(x)/R(3,2)))/exp(R(9,8)), 1e-8, 1e8),
    "pareto layer of width 1 in retention": (2/(R(7,3) - 1)*((2/(x + 2))**R(4,3) - (2/(x + 1 + 2))**R(4,3)), 0.0, 1e10),
    "lorenz curve of exponential incomes": (x + (1 - x)*log(1 - x), 1e-12, 1 - 1e-12),
    "excess kurtosis of GARCH(1,1)": (3*(1 - _ab)/(1 - _ab - 2*x**2) - 3, 1e-12, 0.09),
    "variance of fractional noise in d": (gamma(1 - 2*x)/gamma(1 - x)**2, -500.0, 0.5 - 1e-10),
    "G statistic of a two by two table in one cell": (2*(x*log(x/12) + (30 - x)*log((30 - x)/18) + (40 - x)*log((40 - x)/28)
        + (30 + x)*log((30 + x)/42)), 1e-8, 30 - 1e-8),
    "risk of soft thresholding at zero": (2*((1 + x**2)*(1 - Phi(x)) - x*phi(x)), 1e-8, 1e3),
    "efficiency of huber location estimate": ((2*Phi(x) - 1)**2/(2*(x**2*(1 - Phi(x)) + Phi(x) - R(1,2) - x*phi(x))), 1e-6, 1e4),
    "clark variance of a maximum": (_nu2 - _nu1**2, -1e4, 1e4),
    "bivariate normal quadrant probability": (R(1,4) + asin(x)/(2*pi), -1 + 1e-12, 1 - 1e-12),
    "kendall tau of ali-mikhail-haq copula": (1 - 2/(3*x) - 2*(1 - x)**2*log(1 - x)/(3*x**2), -1.0, 1 - 1e-12),
    "variance of logarithmic series": (-x*(x + log(1 - x))/((1 - x)**2*log(1 - x)**2), 1e-12, 1 - 1e-12),
    "exponential-logarithmic cdf": (1 - log(1 - (1 - R(1,5))*exp(-2*x))/log(R(1,5)), 1e-10, 1e4),
    "interval-censored weibull log likelihood in scale": (log(exp(-(1/x)**R(3,2)) - exp(-(2/x)**R(3,2))), 1e-6, 1e8),
    "efron partial log likelihood of two tied deaths": (3*x - log(exp(x) + exp(2*x) + 2) - log((exp(x) + exp(2*x))/2 + 2), -1e4, 1e4),
    "unit information log bayes factor of t 19": (log(21)/2 - 10*log((1 + x**2/19)/(1 + x**2/(19*21))), -1e8, 1e8),
    "fieller lower limit": ((2*x - sqrt((2*x)**2 - (4 - R(1,4))*(x**2 - R(1,4))))/(4 - R(1,4)), -1e8, 1e8),
    "excess kurtosis of generalised normal in shape": (gamma(5/x)*gamma(1/x)/gamma(3/x)**2 - 3, 0.02, 1e8),
    "KL of unit-rate gammas in shape": ((x - R(5,2))*digamma(x) - loggamma(x) + loggamma(R(5,2)), 1e-6, 1e8),
    "mean excess of the normal": (phi(x)/(1 - Phi(x)) - x, -1e3, 1e3),
    "variance of normal truncated to [-x, x]": (1 - 2*x*phi(x)/(2*Phi(x) - 1), 1e-8, 1e4),
    "hazard of the uncured in a promotion time model": (2*exp(-x)*exp(-2*(1 - exp(-x)))/(exp(-2*(1 - exp(-x))) - exp(-2)), 1e-10, 1e4),
    "skewness of skew normal in slant": ((4 - pi)/2*(_dl*sqrt(2/pi))**3/(1 - 2*_dl**2/pi)**R(3,2), -1e8, 1e8),

    # machine learning and information
    "gated tanh unit": (tanh(x)/(1 + exp(-x)), -1e4, 1e4),
    "elish": (Piecewise((x/(1 + exp(-x)), x >= 0), ((exp(x) - 1)/(1 + exp(-x)), True)), -1e4, 1e4),
    "snake activation": (x + sin(2*x)**2/2, -1e4, 1e4),
    "smish": (x*tanh(log(1 + S(x))), -1e4, 1e4),
    "second derivative of silu": (S(x)*(1 - S(x))*(2 + x*(1 - 2*S(x))), -1e4, 1e4),
    "spherical score of a logit": (-S(x)/sqrt(S(x)**2 + (1 - S(x))**2), -1e4, 1e4),
    "asymmetric multi-label loss": (-_msk**4*log(1 - _msk), -1e4, 1e4),
    "smoothed dice loss of one logit": (1 - (2*S(x) + 1)/(S(x) + 1 + 1), -1e4, 1e4),
    "debiased contrastive loss in negative similarity": (-log(exp(R(3,2))/(exp(R(3,2)) + 8*_neg)), -1e3, 1e3, (-0.28108519487351336,)),
    "circle loss in positive similarity": (log(1 + 3*exp(-32*Max(0, R(5,4) - x)*(x - R(3,4)))), -1e3, 1e3, (1.25,)),
    "largest of three attention weights in temperature": (exp(3/x)/(exp(3/x) + exp(2/x) + exp(-1/x)), 1e-4, 1e8),
    "log partition of three scores in temperature": (x*log(exp(1/x) + exp(2/x) + exp(-1/x)), 1e-4, 1e8),
    "rao-kupper probability of a tie": ((2**2 - 1)*exp(x)/((exp(x) + 2)*(1 + 2*exp(x))), -1e4, 1e4),
    "catoni bound in inverse temperature": ((1 - exp(-x/10 - R(1,50)))/(1 - exp(-x)), 1e-8, 1e4),
    "vapnik bound in sample size": (sqrt((10*(log(2*x/10) + 1) + log(80))/x), 10.0, 1e12),
    "bennett tail bound": (exp(-10*((1 + x)*log(1 + x) - x)), -1 + 1e-12, 1e3),
    "slack in hoeffding's lemma": (x**2/8 - (log(1 - R(1,5) + R(1,5)*exp(x)) - x/5), -1e4, 1e4),
    "kearns-saul variance proxy": ((1 - 2*x)/(2*log((1 - x)/x)), 1e-12, 1 - 1e-12),
    "marchenko-pastur stieltjes transform": ((-_mp + sqrt(_mp**2 + 2*x))/x, 1e-8, 1e8),
    "neural tangent kernel of two relu layers": ((sqrt(1 - x**2) + x*(pi - acos(x)))/pi + x*(pi - acos(x))/pi, -1 + 1e-12, 1 - 1e-12),
    "rational quadratic kernel in alpha": ((1 + R(9,2)/(2*x))**(-x), 1e-8, 1e12),
    "jeffreys divergence generator": ((x - 1)*log(x), 1e-12, 1e8),
    "alpha divergence generator order 5/2": ((x**R(5,2) - R(5,2)*x + R(3,2))/(R(5,2)*R(3,2)), 1e-8, 1e8),
    "KL of laplace distributions in separation": (Abs(x) + exp(-Abs(x)) - 1, -1e4, 1e4, (0.0,)),
    "KL of geometric distributions to 1/3": (log(3*x) + (1 - x)/x*log((1 - x)/(1 - R(1,3))), 1e-12, 1 - 1e-12),
    "KL of cauchy distributions in scale": (log((1 + x)**2/(4*x)), 1e-8, 1e8),
    "entropic transport cost of unit normals": (2 - _sk + x**2*(1 - log(2*x**2)) + x**2*log(_sk + x**2), 1e-6, 1e6),
    "log signal to noise of cosine schedule": (-2*log(tan(pi*x/2)), 1e-12, 1 - 1e-12),
    "mutual information of symmetric channel in input": (H2(R(9,10)*x + (1 - x)/10) - H2(R(1,10)), 1e-12, 1 - 1e-12),
    "gaussian rate at blocklength 500": (log(1 + x)/2 - sqrt(x*(x + 2)/(2*(x + 1)**2)/500)*R(309,100), 1e-10, 1e10),

    # physics and astronomy
    "pressure of a degenerate electron gas": (x*(2*x**2 - 3)*sqrt(1 + x**2) + 3*asinh(x), 1e-6, 1e6),
    "lindhard function": (R(1,2) + (1 - x**2)/(4*x)*log(Abs((1 + x)/(1 - x))), 1e-8, 1e8, (1.0,)),
    "rabi transition probability in detuning": (sin(R(5,2)*sqrt(1 + x**2))**2/(1 + x**2), -1e4, 1e4),
    "lookback time with dark energy": (2/(3*sqrt(R(7,10)))*(asinh(_l73) - asinh(_l73*(1 + x)**R(-3,2))), 1e-10, 1e8),
    "binding energy of circular orbit of black hole": (1 - (1 - 2/x)/sqrt(1 - 3/x), 3 + 1e-10, 1e10),
    "proper distance from horizon": (sqrt(x*(x - 2)) + 2*log(sqrt(x/2) + sqrt(x/2 - 1)), 2 + 1e-12, 1e10),
    "burkert enclosed mass": (log(1 + x**2) + 2*log(1 + x) - 2*atan(x), 1e-8, 1e8),
    "hyperbolic mean anomaly from true anomaly": (R(3,2)*sinh(_hyp) - _hyp, -2.3, 2.3),
    "euler parabolic flight time in chord": (((2 + x)**R(3,2) - (2 - x)**R(3,2))/6, 1e-10, 2 - 1e-12),
    "two-colour pyrometer ratio": ((R(9,10)/R(13,20))**5*(exp(14388/(R(9,10)*x)) - 1)/(exp(14388/(R(13,20)*x)) - 1), 1.0, 1e9),

    # chemistry and biology
    "NRTL log activity coefficient": ((1 - x)**2*(_t21*(_g21/(x + (1 - x)*_g21))**2 + _t12*_g12/(1 - x + x*_g12)**2), 1e-12, 1 - 1e-12),
    "bicarbonate fraction in pH": (_k1*_hp/(_hp**2 + _k1*_hp + _k1*_k2), -1e3, 1e3),
    "troe fall-off in reduced pressure": (x/(1 + x)*R(3,5)**(1/(1 + (log(x)/log(10))**2)), 1e-8, 1e8),
    "frumkin isotherm": (x/(1 - x)*exp(-2*R(6,5)*x), 1e-12, 1 - 1e-12),
    "linkage disequilibrium decay by hill and weir": ((10 + x)/((2 + x)*(11 + x))*(1 + (3 + x)*(12 + 12*x + x**2)/(50*(2 + x)*(11 + x))), 0.0, 1e8),
    "heterozygosity of infinite alleles less stepwise": (x/(1 + x) - (1 - 1/sqrt(1 + 2*x)), 1e-10, 1e8),
    "voltage one length constant along a cable": (cosh(x - 1)/cosh(x), 1.0, 1e4),
    "steady state oral dose in absorption rate": (x/(x - R(1,4))*(exp(-R(1,2))/(1 - exp(-2)) - exp(-2*x)/(1 - exp(-8*x))), 1e-8, 1e4),
    "ricker recruitment": (x*exp(R(5,2)*(1 - x/10)), 0.0, 1e4),

    # engineering
    "mean temperature correction of 1-2 exchanger": (_rt/(x - 1)*log((1 - R(1,4))/(1 - x/4))
        /log((2 - R(1,4)*(x + 1 - _rt))/(2 - R(1,4)*(x + 1 + _rt))), 1e-8, 3.42),
    "colebrook residual": (1/sqrt(x) + 2*log(R(1,10**4)/R(37,10) + R(251,100)/(10**5*sqrt(x)))/log(10), 1e-6, 1e2),
    "manning flow of a part-full pipe": ((x - sin(x))**R(5,3)/x**R(2,3), 1e-8, 6.283185),
    "rayleigh flow stagnation pressure ratio": (R(12,5)/(1 + R(7,5)*x**2)*((1 + x**2/5)/R(6,5))**R(7,2), 1e-8, 1e4),
    "burnout height in mass ratio": (1 - log(x)/(x - 1), 1 + 1e-12, 1e8),
    "stress under a strip footing": ((2*atan(1/x) + sin(2*atan(1/x)))/pi, 1e-8, 1e8),
    "cantilever frequency equation": (1 + cos(x)*cosh(x), 0.0, 700.0),
    "beam on elastic foundation": (exp(-x)*(cos(x) + sin(x)), 0.0, 1e3),
    "microstrip impedance in air": (Piecewise((60*log(8/x + x/4), x <= 1), (120*pi/(x + R(1393,1000) + R(667,1000)*log(x + R(1444,1000))), True)),
        1e-6, 1e6, (1.0,)),
    "zero-order hold droop dB": (20*log(sin(pi*x)/(pi*x))/log(10), 1e-10, 1 - 1e-10),
    "A-weighting dB": (20*log(_aw)/log(10) + 2, 1e-3, 1e8),

    # finance
    "european put in interest rate": (100*exp(-x)*Phi(-(x - R(1,50))/R(1,5)) - 100*Phi(-(x + R(1,50))/R(1,5)), -10.0, 30.0),
    "down-and-out call in spot": (call(x) - (x/90)**R(-1,2)*call(8100/x), 90 + 1e-10, 1e6),
    "cash-or-nothing call in maturity": (exp(-R(3,100)*x)*Phi((log(R(9,10)) + (R(3,100) - R(1,50))*x)/(R(1,5)*sqrt(x))), 1e-3, 1e4),
    "probabilistic sharpe ratio": (Phi((x - R(1,10))*sqrt(59)/sqrt(1 + x/2 + x**2)), -1e4, 1e4),
    "certainty equivalent of a gamble in risk aversion": (-log(R(2,5)*exp(10*x) + R(3,5)*exp(-15*x))/x, -1e4, 1e4),
    "macaulay duration of coupon bond": ((1 + x)/x - (1 + x + 20*(R(1,20) - x))/(R(1,20)*((1 + x)**20 - 1) + x), -0.9, 1e4),
    "continuous less daily compounding": (exp(x) - (1 + x/365)**365, -300.0, 700.0),

    # numerical analysis and special functions
    "kassam-trefethen coefficient": ((-4 - x + exp(x)*(4 - 3*x + x**2))/x**3, -1e4, 700.0),
    "cardano root of t^3 + 3t = 2x": ((sqrt(x**2 + 1) + x)**R(1,3) - (sqrt(x**2 + 1) - x)**R(1,3), -1e8, 1e8),
    "bernoulli generating function less two terms": (x/(exp(x) - 1) - 1 + x/2, -1e4, 1e4),
    "identric mean of 1 and x": (exp(-1)*x**(x/(x - 1)), 1e-8, 1e8),
    "stolarsky mean of 1 and 4 in order": (((4**x - 1)/(3*x))**(1/(x - 1)), -1e3, 1e3),
    "divided difference of exp at 1": ((exp(x) - exp(1))/(x - 1), -1e3, 700.0),
    "taylor remainder of cosine": ((cos(x) - 1 + x**2/2)/x**4, -1e4, 1e4),
    "beta function on the diagonal": (gamma(x)**2/gamma(2*x), 1e-8, 500.0),
    "volume of the unit ball in dimension": (pi**(x/2)/gamma(x/2 + 1), 0.0, 400.0),
    "digamma reflection": (digamma(1 - x) - digamma(x), 1e-12, 1 - 1e-12),
    "legendre function Q2": ((3*x**2 - 1)/4*log((x + 1)/(x - 1)) - 3*x/2, 1 + 1e-10, 1e8),
    "modified spherical bessel i2": (((x**2 + 3)*sinh(x) - 3*x*cosh(x))/x**3, -700.0, 700.0),
    "second repeated integral of erfc": (((1 + 2*x**2)*erfc(x) - 2/sqrt(pi)*x*exp(-x**2))/4, -1e3, 1e3),

    # geometry
    "ramanujan perimeter of ellipse": (pi*(3*(1 + x) - sqrt((3 + x)*(1 + 3*x))), 1e-8, 1e8),
    "arc of a parabola less its chord": (x*sqrt(1 + 4*x**2)/2 + asinh(2*x)/4 - sqrt(x**2 + x**4), 1e-8, 1e8),
    "area of equilateral hyperbolic triangle": (pi - 3*acos(cosh(x)/(1 + cosh(x))), 1e-8, 1e4),
    "solid angle of a square": (4*asin(1/(1 + x**2)), 1e-8, 1e8),
    "area of a superellipse in exponent": (4*gamma(1 + 1/x)**2/gamma(1 + 2/x), 0.01, 1e8),
}
