"""An eighth list of formulas that were written down before any of them was compiled, of many fields, in the form in which a book prints them."""

from __future__ import annotations

from shorthand import Phi, R, phi
from sympy import (
    Max,
    Min,
    Piecewise,
    acos,
    asin,
    asinh,
    atan,
    cos,
    digamma,
    exp,
    gamma,
    log,
    loggamma,
    pi,
    sin,
    sqrt,
)
from textbook import x

_dm = (1 - exp(-40*x))/(40*x)  # de Moivre whole life assurance, 40 years left
_ev = exp(-x)
_mo = exp(-(x/2)**R(3,2))
_s2 = R(1,25)  # squared volatility 1/5
_lb1 = (x + _s2/2)/R(1,5)
_lb2 = (x - _s2/2)/R(1,5)
_lb3 = (-x + _s2/2)/R(1,5)
_z = R(49,25)  # normal quantile 1.96

EIGHTH = {
    # statistics and actuarial science
    "byar lower limit of a poisson count": (x*(1 - 1/(9*x) - _z/(3*sqrt(x)))**3, 1e-4, 1e8),
    "double arcsine transformation n 20": (asin(sqrt(20*x/21)) + asin(sqrt((20*x + 1)/21)), 1e-12, 1 - 1e-12),
    "agresti-coull half width n 40": (_z*sqrt((40*x + _z**2/2)/(40 + _z**2)*(1 - (40*x + _z**2/2)/(40 + _z**2))/(40 + _z**2)), 0.0, 1.0),
    "edgeworth cdf skewness 1/5 kurtosis 1/10": (Phi(x) - phi(x)*(R(1,30)*(x**2 - 1) + R(1,240)*(x**3 - 3*x)
        + R(1,1800)*(x**5 - 10*x**3 + 15*x)), -1e3, 1e3),
    "student t cdf nu=4": (R(1,2) + R(3,8)*x/sqrt(1 + x**2/4)*(1 - x**2/(12*(1 + x**2/4))), -1e4, 1e4),
    "joe copula at (1/3, 1/2) in dependence": (1 - (R(2,3)**x + R(1,2)**x - R(2,3)**x*R(1,2)**x)**(1/x), 1.0, 1e4),
    "galambos copula at (1/2, 1/3) in dependence": (R(1,6)*exp(((-log(R(1,2)))**(-x) + (-log(R(1,3)))**(-x))**(-1/x)), 1e-3, 1e4),
    "nakagami variance in shape": (1 - (gamma(x + R(1,2))/gamma(x))**2/x, 0.5, 1e6),
    "entropy of student t in degrees of freedom": ((x + 1)/2*(digamma((x + 1)/2) - digamma(x/2)) + log(x)/2
        + loggamma(x/2) + loggamma(R(1,2)) - loggamma((x + 1)/2), 1e-4, 1e8),
    "net premium of whole life under de moivre": (x*_dm/(1 - _dm), 1e-8, 1e4),
    "bernegger exposure curve": (log((19*R(1,8) + (1 - 20*R(1,8))*R(1,8)**x)/(1 - R(1,8)))/log(20*R(1,8)), 1e-12, 1 - 1e-12),
    "coefficient of variation of limited exponential loss": (sqrt(2*(1 - _ev - x*_ev) - (1 - _ev)**2)/(1 - _ev), 1e-8, 1e4),
    "average outgoing quality n 80 c 2": (x*((1 - x)**80 + 80*x*(1 - x)**79 + 3160*x**2*(1 - x)**78), 1e-12, 1 - 1e-12),
    "best-fisher concentration estimate": (Piecewise((2*x + x**3 + 5*x**5/6, x < R(53,100)),
        (-R(2,5) + R(139,100)*x + R(43,100)/(1 - x), x < R(17,20)), (1/(x**3 - 4*x**2 + 3*x), True)), 1e-12, 1 - 1e-12, (0.53, 0.85)),
    "l-kurtosis of extreme values in shape": ((5*(1 - 4**(-x)) - 10*(1 - 3**(-x)) + 6*(1 - 2**(-x)))/(1 - 2**(-x)), -0.999, 1e3),
    "wakeby quantile": (2/R(3,2)*(1 - (1 - x)**R(3,2)) - R(1,2)/R(1,10)*(1 - (1 - x)**(-R(1,10))), 1e-12, 1 - 1e-12),
    "marshall-olkin extended weibull survival": (R(1,4)*_mo/(1 - (1 - R(1,4))*_mo), 1e-8, 1e4),
    "gini coefficient of weibull in shape": (1 - 2**(-1/x), 1e-2, 1e8),

    # machine learning and information theory
    "entmax 3/2 of two scores": ((x/4 + sqrt(8 - x**2)/4)**2, -2.0, 2.0),
    "additive angular margin": (cos(acos(x) + R(1,2)), -1 + 1e-12, 1 - 1e-12),
    "taylor softmax of opposite scores": ((1 + x + x**2/2)/((1 + x + x**2/2) + (1 - x + x**2/2)), -1e4, 1e4),
    "erf network kernel on the diagonal": (2/pi*asin(2*x**2/(1 + 2*x**2)), 1e-8, 1e8),
    "binary concrete density temperature 2/3": (R(2,3)*3*x**(-R(5,3))*(1 - x)**(-R(5,3))/(3*x**(-R(2,3)) + (1 - x)**(-R(2,3)))**2,
        1e-12, 1 - 1e-12),
    "vajda lower bound of relative entropy": (log((1 + x)/(1 - x)) - 2*x/(1 + x), 1e-12, 1 - 1e-12),
    "delta of the gaussian mechanism": (Phi(-x/R(3,2) + R(3,4)) - exp(x)*Phi(-x/R(3,2) - R(3,4)), 0.0, 1e3),
    "advanced composition of 100 mechanisms": (sqrt(2*100*log(10**6))*x + 100*x*(exp(x) - 1), 1e-8, 500.0),
    "perplexity of a biased coin": (x**(-x)*(1 - x)**(-(1 - x)), 1e-12, 1 - 1e-12),
    "evidential regression loss in virtual evidence": (log(pi/x)/2 - 2*log(2*3*(1 + x)) + R(5,2)*log(R(9,4)*x + 2*3*(1 + x))
        + loggamma(2) - loggamma(R(5,2)), 1e-8, 1e8),
    "KL of symmetric dirichlet from uniform": (loggamma(3*x) - 3*loggamma(x) - loggamma(3) + 3*(x - 1)*(digamma(x) - digamma(3*x)), 1e-6, 1e8),
    "fisher-rao distance of bernoullis to 1/3": (2*acos(sqrt(x/3) + sqrt(2*(1 - x)/3)), 1e-12, 1 - 1e-12),
    "reverse water-filling of two gaussians": (Max(0, log(4/x)/2) + Max(0, log(1/x)/2), 1e-8, 1e8, (1.0, 4.0)),
    "tsallis entropy of three outcomes in order": ((1 - R(1,5)**x - R(3,10)**x - R(1,2)**x)/(x - 1), -300.0, 1e4),

    # physics, chemistry, engineering and biology
    "gamow tunnelling exponent": (2*(acos(sqrt(x)) - sqrt(x*(1 - x))), 1e-12, 1 - 1e-12),
    "vinet pressure in linear compression": (3*(1 - x)/x**2*exp(R(3,2)*(5 - 1)*(1 - x)), 1e-4, 1e3),
    "interaction of two double-layer spheres": (50*log(1 + exp(-x)) - 2/x, 1e-6, 1e4),
    "longitudinal aberration of a spherical mirror": (1/(2*cos(asin(x))) - R(1,2), 1e-10, 1 - 1e-12),
    "helmholtz pair field on axis": ((1 + (x + R(1,2))**2)**R(-3,2) + (1 + (x - R(1,2))**2)**R(-3,2), -1e4, 1e4),
    "tidal acceleration between near side and centre": (1/(x - 1)**2 - 1/x**2, 1 + 1e-8, 1e8),
    "saha ionised fraction": ((-x + sqrt(x**2 + 4*x))/2, 1e-10, 1e10),
    "expansibility of a venturi": (sqrt(x**R(10,7)*R(7,2)*((1 - x**R(2,7))/(1 - x))*((1 - R(1,16))/(1 - x**R(10,7)/16))), 1e-8, 1 - 1e-12),
    "birch-murnaghan pressure in compression": (R(3,2)*(x**R(7,3) - x**R(5,3))*(1 + R(3,4)*(R(23,5) - 4)*(x**R(2,3) - 1)), 1e-4, 1e4),
    "root raised cosine pulse roll-off 1/4": ((sin(pi*x*(1 - R(1,4))) + x*cos(pi*x*(1 + R(1,4))))/(pi*x*(1 - x**2)), -1e3, 1e3),
    "phase of a lead compensator": (atan(5*x) - atan(x), 1e-8, 1e8),
    "pitzer limiting term": (-R(392,1000)*(sqrt(x)/(1 + R(6,5)*sqrt(x)) + 2/R(6,5)*log(1 + R(6,5)*sqrt(x))), 1e-8, 1e4),
    "kozeny-carman permeability of porosity": (x**3/(180*(1 - x)**2), 1e-12, 1 - 1e-12),
    "bell tunnelling correction": ((x/2)/sin(x/2), 1e-8, 6.2831),
    "substrate inhibited growth": (x/(R(1,2) + x + x**2/20), 0.0, 1e8),
    "extinction of a clade in birth rate": ((exp(5*(x - 1)) - 1)/(x*exp(5*(x - 1)) - 1), 1e-8, 1e4),

    # finance, numerical analysis and geometry
    "effective less nominal monthly rate": ((1 + x/12)**12 - 1 - x, -11.9, 1e4),
    "hull-white bond variance in mean reversion": ((5 - 2*(1 - exp(-5*x))/x + (1 - exp(-10*x))/(2*x))/x**2, 1e-6, 1e4),
    "floating lookback call at the minimum in rate": (100*(Phi(_lb1) - _s2/(2*x)*Phi(-_lb1))
        - 100*exp(-x)*(Phi(_lb2) - _s2/(2*x)*Phi(-_lb3)), 1e-8, 30.0),
    "collar payoff as return": (Min(Max(x - 90, 0), 30)/90 - R(1,50), 0.0, 1e6, (90.0, 120.0)),
    "fejer kernel order 8": ((1 - cos(8*x))/(8*(1 - cos(x))), 1e-6, 6.28318),
    "logarithmic less geometric mean of 1 and x": ((x - 1)/log(x) - sqrt(x), 1e-8, 1e8),
    "middle root of a depressed cubic": (2*cos(acos(x)/3 - 2*pi/3), -1 + 1e-12, 1 - 1e-12),
    "third order remainder of log(1 + x)": ((log(1 + x) - x + x**2/2)/x**3, -1 + 1e-10, 1e6),
    "slerp weight one third in angle": (sin(x/3)/sin(x), 1e-8, 3.1415926),
    "excess angle of equilateral spherical triangle": (acos(cos(x)/(1 + cos(x))) - pi/3, 1e-6, 2.0943),
    "surface of oblate spheroid in eccentricity": (2*pi + pi*(1 - x**2)/x*log((1 + x)/(1 - x)), 1e-10, 1 - 1e-12),
    "archimedean spiral length less half square": ((x*sqrt(1 + x**2) + asinh(x))/2 - x**2/2, 1e-8, 1e8),
}
