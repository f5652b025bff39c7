"""A sixth list of formulas that were written down before any of them was compiled, of many fields, in the form in which a book prints them."""

from __future__ import annotations

from shorthand import H2, Phi, R, S, phi
from sympy import (
    Abs,
    Max,
    Min,
    Piecewise,
    acos,
    acosh,
    asin,
    atan,
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

_i12 = 12*((1 + x)**R(1,12) - 1)
_d12 = 12*(1 - (1 + x)**R(-1,12))
_cir = sqrt(R(33,100))  # kappa 1/2, sigma 1/5
_merton = (log(R(5,4)) + x*R(1,16)/2)/(sqrt(x)/4)
_margrabe = sqrt(R(1,25) + R(1,25) - 2*x*R(1,25))
_gamma_d1 = (log(x/100) + (R(2,100) + R(9,100)/2)/2)/(R(3,10)*sqrt(R(1,2)))
_w = 4*(x + 1) + 4*exp(2*x) + exp(3*x) + exp(x)*(4*x + 6)
_dirac = sqrt(1 - (x/R(137036,1000))**2)
_overlap = exp(-x)*(1 + x + x**2/3)
_z1 = 1 + (1 - x**2)**R(1,3)*((1 + x)**R(1,3) + (1 - x)**R(1,3))
_z2 = sqrt(3*x**2 + _z1**2)
_brug = (3*x - 1)*1000 + (2 - 3*x)
_churchill_a = (R(2457,1000)*log(1/((7/x)**R(9,10) + R(27,100)*R(1,1000))))**16
_churchill_b = (37530/x)**16
_a = sqrt(1 + 8/x)
_u = R(19,20)*x
_h = R(7,100)*exp(-x/20)
_s = (3 + 4 + x)/2
_kn = 1/(1 + 2*(1 - cos(x)))
_ia_v = (1 + x)**(-10)
_wilson = x + R(2,5)*(1 - x)

SIXTH = {
    # statistics and actuarial science
    "burr XII cdf": (1 - (1 + (x/2)**3)**R(-5,4), 1e-8, 1e8),
    "inverse gamma log density": (3*log(2) - log(2) - 4*log(x) - 2/x, 1e-8, 1e8),
    "log-cauchy density": (1/(pi*x*(1 + log(x)**2)), 1e-12, 1e8),
    "logit-normal density": (exp(-(log(x/(1 - x)) - R(1,2))**2/2)/(sqrt(2*pi)*x*(1 - x)), 1e-12, 1 - 1e-12),
    "log normaliser of normal truncated to [-1, 2] in mean": (log(Phi(2 - x) - Phi(-1 - x)), -50.0, 50.0),
    "power of two-sided z test": (1 - Phi(R(196,100) - x) + Phi(-R(196,100) - x), -1e3, 1e3),
    "producer's risk of sampling plan n 50 c 1": (1 - (1 - x)**50 - 50*x*(1 - x)**49, 1e-12, 1 - 1e-12),
    "positive-part james-stein estimate": (Max(0, 1 - 3/x**2)*x, -1e4, 1e4, (1.7320508075688772, -1.7320508075688772)),
    "SCAD penalty": (Piecewise((Abs(x), Abs(x) <= 1), ((R(74,10)*Abs(x) - x**2 - 1)/R(54,10), Abs(x) <= R(37,10)), (R(47,20), True)),
        -1e4, 1e4, (0.0,)),
    "AR(1) ten-step forecast variance": ((1 - x**20)/(1 - x**2), -1 + 1e-12, 1 - 1e-12),
    "variance inflation of mean of 20 AR(1) values": ((1 + x)/(1 - x) - 2*x*(1 - x**20)/(20*(1 - x)**2), -1 + 1e-12, 1 - 1e-10),
    "spearman-brown prophecy five tests": (5*x/(1 + 4*x), 1e-12, 1 - 1e-12),
    "yule coefficient of colligation": ((sqrt(x) - 1)/(sqrt(x) + 1), 1e-8, 1e8),
    "pearson approximation of tetrachoric correlation": (cos(pi/(1 + sqrt(x))), 1e-8, 1e8),
    "deviance residual of a logistic regression": (sqrt(-2*log(1/(1 + exp(-x)))), -1e4, 1400.0),
    "negative binomial unit deviance y 3 k 2": (2*(3*log(3/x) - 5*log(5/(x + 2))), 1e-8, 1e8),
    "tweedie unit deviance p 3/2 y 2": (2*(sqrt(2)/(-R(1,4)) - 2*x**R(-1,2)/(-R(1,2)) + x**R(1,2)/R(1,2)), 1e-8, 1e8),
    "mean excess of the lognormal": (exp(R(1,2))*(1 - Phi(log(x) - 1))/(1 - Phi(log(x))) - x, 1e-8, 1e10),
    "monthly annuity beta under uniform deaths": ((x - _i12)/(_i12*_d12), 1e-10, 10.0),
    "increasing annuity 10 years": (((1 - _ia_v)*(1 + x)/x - 10*_ia_v)/x, 1e-10, 10.0),
    "zero probability of negative binomial in dispersion": ((1 + 3*x)**(-1/x), 1e-12, 1e6),
    "log beta function at 3/2": (loggamma(x) + loggamma(R(3,2)) - loggamma(x + R(3,2)), 1e-8, 1e8),
    "unbiasing constant c4": (sqrt(2/(x - 1))*gamma(x/2)/gamma((x - 1)/2), 1.0001, 1e8),
    "expected tables of a chinese restaurant": (x*(digamma(x + 100) - digamma(x)), 1e-8, 1e8),
    "gamma shape likelihood equation": (log(x) - digamma(x), 1e-8, 1e8),
    "fisher-rao distance of normals in mean": (sqrt(2)*acosh(1 + x**2/4), 1e-8, 1e8),
    "mean number in M/M/1/5 queue": (x/(1 - x) - 6*x**6/(1 - x**6), 1e-8, 1e4),
    "unreliability of two out of three": (1 - 3*exp(-2*x) + 2*exp(-3*x), 1e-10, 1e4),
    "erlang B four lines": (x**4/24/(1 + x + x**2/2 + x**3/6 + x**4/24), 1e-8, 1e8),

    # machine learning and information
    "mish derivative": (exp(x)*_w/(2*exp(x) + exp(2*x) + 2)**2, -1e4, 1e4),
    "gelu derivative": (Phi(x) + x*phi(x), -1e4, 1e4),
    "silu derivative": (S(x)*(1 + x*(1 - S(x))), -1e4, 1e4),
    "soft clipping p 5": (log((1 + exp(5*x))/(1 + exp(5*(x - 1))))/5, -1e4, 1e4),
    "smooth relu": (Piecewise((0, x <= -1), ((x + 1)**2/4, x < 1), (x, True)), -1e4, 1e4),
    "savage loss": (1/(1 + exp(x))**2, -1e4, 1e4),
    "wing loss": (Piecewise((10*log(1 + Abs(x)/2), Abs(x) < 10), (Abs(x) - (10 - 10*log(6)), True)), -1e4, 1e4, (-10.0, 0.0, 10.0)),
    "KL of bernoulli logits x to 1": (S(x)*log(S(x)/S(1)) + (1 - S(x))*log((1 - S(x))/(1 - S(1))), -700.0, 700.0),
    "squashed gaussian log density": (-x**2/2 - log(2*pi)/2 - log(1 - tanh(x)**2), -1e4, 1e4),
    "variational dropout KL": (R(63576,100000)*S(R(18732,10000) + R(148695,100000)*x) - R(1,2)*log(1 + exp(-x)) - R(63576,100000), -1e4, 1e4),
    "multiplicative chernoff bound mean 20": ((exp(x)/(1 + x)**(1 + x))**20, 1e-12, 1e2),
    "clipped surrogate objective": (Min(2*x, 2*Max(R(4,5), Min(x, R(6,5)))), 1e-8, 1e4, (1.2,)),
    "elo expected score": (1/(1 + 10**(-x/400)), -1e5, 1e5),
    "gallager function of symmetric channel": (x*log(2) - (1 + x)*log(R(1,10)**(1/(1 + x)) + R(9,10)**(1/(1 + x))), 1e-10, 1e4),
    "linear programming bound of codes": (H2(R(1,2) - sqrt(x*(1 - x)))/log(2), 1e-12, 0.5 - 1e-10),
    "prelec probability weight": (exp(-(-log(x))**R(13,20)), 1e-12, 1 - 1e-12),

    # finance and economics
    "doubling time": (log(2)/log(1 + x), 1e-12, 1e4),
    "gamma of a call in spot": (phi(_gamma_d1)/(x*R(3,10)*sqrt(R(1,2))), 1e-4, 1e6),
    "exchange option in correlation": (100*Phi(log(R(20,19))/_margrabe + _margrabe/2) - 95*Phi(log(R(20,19))/_margrabe - _margrabe/2), -1 + 1e-10, 1 - 1e-10),
    "CIR bond log A": (2*R(1,2)*R(1,20)/R(1,25)*log(2*_cir*exp((_cir + R(1,2))*x/2)/((_cir + R(1,2))*(exp(_cir*x) - 1) + 2*_cir)), 1e-8, 1e5),
    "merton credit spread in maturity": (-log(Phi(_merton - sqrt(x)/4) + R(5,4)*Phi(-_merton))/x, 1e-2, 1e4),
    "SVI total variance": (R(1,25) + R(2,5)*(-R(7,10)*(x - R(1,10)) + sqrt((x - R(1,10))**2 + R(1,100))), -1e4, 1e4),

    # physics
    "entropy of a two-level paramagnet": (log(2*cosh(x)) - x*tanh(x), -1e3, 1e3),
    "bragg-williams free energy at the critical point": (-x**2/2 + ((1 + x)*log(1 + x) + (1 - x)*log(1 - x))/2, -1 + 1e-12, 1 - 1e-12),
    "dieterici reduced pressure": (R(11,10)/(2*x - 1)*exp(2 - 2/(R(11,10)*x)), 0.5 + 1e-10, 1e8),
    "hydrogen-like dirac energy of 2p1/2 in charge": ((1 + (x/R(137036,1000))**2/(1 + _dirac)**2)**R(-1,2) - 1, 1e-4, 137.03),
    "potential of the 1s charge cloud": ((1 - (1 + x)*exp(-2*x))/x, 1e-10, 1e8),
    "hydrogen molecule ion bonding energy": ((exp(-2*x)*(1 + 1/x) + exp(-x)*(1/x - 2*x/3))/(1 + _overlap), 1e-6, 1e3),
    "rainbow deflection in impact parameter": (pi + 2*asin(x) - 4*asin(R(3,4)*x), 1e-12, 1 - 1e-12),
    "reflectance of a quarter-wave coating": ((R(1,25) + R(1,25) + R(2,25)*cos(2*x))/(1 + R(1,625) + R(2,25)*cos(2*x)), -1e3, 1e3),
    "aberration of starlight": (acos((cos(x) + R(3,5))/(1 + R(3,5)*cos(x))), 1e-8, 3.1415926),
    "two-body decay momentum": (sqrt((x**2 - (2 + 1)**2)*(x**2 - (2 - 1)**2))/(2*x), 3 + 1e-10, 1e8),
    "innermost stable orbit of kerr": (3 + _z2 - sqrt((3 - _z1)*(3 + _z1 + 2*_z2)), 1e-8, 1 - 1e-12),
    "central pressure of a uniform star": ((1 - sqrt(1 - 2*x))/(3*sqrt(1 - 2*x) - 1), 1e-12, 0.4444444444),
    "age of open universe in density": (x/(2*(1 - x)**R(3,2))*(2*sqrt(1 - x)/x - acosh(2/x - 1)), 1e-10, 1 - 1e-10),
    "hernquist velocity dispersion": (12*x*(1 + x)**3*log((1 + x)/x) - x/(1 + x)*(25 + 52*x + 42*x**2 + 12*x**3), 1e-8, 1e6),
    "roche lobe radius": (R(49,100)*x**R(2,3)/(R(6,10)*x**R(2,3) + log(1 + x**R(1,3))), 1e-8, 1e8),
    "hohmann transfer cost": ((sqrt(2*x/(1 + x)) - 1) + sqrt(1/x)*(1 - sqrt(2/(1 + x))), 1 + 1e-10, 1e8),
    "stumpff function c3": (Piecewise(((sqrt(x) - sin(sqrt(x)))/sqrt(x)**3, x > 0), ((sinh(sqrt(-x)) - sqrt(-x))/sqrt(-x)**3, True)), -1e4, 1e4),
    "bruggeman effective permittivity": ((_brug + sqrt(_brug**2 + 8*1000))/4, 1e-12, 1 - 1e-12),
    "muffler transmission loss": (10*log(1 + (4 - R(1,4))**2/4*sin(x)**2)/log(10), -1e3, 1e3),
    "level after subtracting 60 dB background": (10*log(10**(x/10) - 10**6)/log(10), 60 + 1e-10, 1e4),
    "hartmann profile in hartmann number": ((cosh(x) - cosh(x/2))/(cosh(x) - 1), 1e-8, 1e4),
    "annulus flow in radius ratio": (1 - x**4 - (1 - x**2)**2/log(1/x), 1e-10, 1 - 1e-10),
    "churchill friction factor": (8*((8/x)**12 + 1/(_churchill_a + _churchill_b)**R(3,2))**R(1,12), 1.0, 1e9),
    "van genuchten conductivity": (sqrt(x)*(1 - (1 - x**R(5,3))**R(3,5))**2, 1e-12, 1 - 1e-12),
    "fu evaporation ratio": (1 + x - (1 + x**R(13,5))**R(5,13), 1e-8, 1e6),

    "klein-nishina differential cross section": (_kn**2*(_kn + 1/_kn - sin(x)**2)/2, 0.0, 3.1415926),
    "BCS energy gap": (tanh(R(174,100)*sqrt(1/x - 1)), 1e-12, 1 - 1e-12),
    "capacitance of a two-wire line": (pi/acosh(x/2), 2 + 1e-10, 1e8),
    "bark scale of frequency": (13*atan(R(76,10**5)*x) + R(7,2)*atan((x/7500)**2), 1e-8, 1e6),

    # chemistry and biology
    "BET isotherm c 50": (50*x/((1 - x)*(1 + 49*x)), 1e-12, 1 - 1e-12),
    "peng-robinson log fugacity coefficient": (x - 1 - log(x - R(1,20)) - 10/(2*sqrt(2))*log((x + (1 + sqrt(2))/20)/(x + (1 - sqrt(2))/20)), 0.05 + 1e-10, 1e3),
    "hamaker energy of two spheres": (-(2/(x**2 - 4) + 2/x**2 + log((x**2 - 4)/x**2))/6, 2 + 1e-10, 1e6),
    "wilson activity coefficient": (-log(_wilson) + (1 - x)*(R(2,5)/_wilson - R(13,10)/(R(13,10)*x + 1 - x)), 1e-12, 1 - 1e-12),
    "ginstling-brounshtein kinetics": (1 - 2*x/3 - (1 - x)**R(2,3), 1e-12, 1 - 1e-12),
    "danckwerts dispersion conversion in peclet number": (1 - 4*_a*exp(x/2)/((1 + _a)**2*exp(_a*x/2) - (1 - _a)**2*exp(-_a*x/2)), 1e-6, 1e4),
    "bigeleisen-mayer log isotope ratio": (log(_u/x*exp(-_u/2)/(1 - exp(-_u))*(1 - exp(-x))/exp(-x/2)), 1e-8, 1e4),
    "kohler supersaturation": (exp(R(1,1000)/x - R(1,10**8)/x**3) - 1, 1e-4, 1e6),
    "mutation-selection balance in dominance": ((-x*R(1,10) + sqrt(x**2*R(1,100) + 4*R(1,10)*(1 - 2*x)*R(1,10**6)))/(2*R(1,10)*(1 - 2*x)), 1e-8, 1.0),
    "kimura two-parameter distance, transitions twice as common": (-log(1 - 2*x - x/2)/2 - log(1 - x)/4, 1e-12, 0.4 - 1e-10),
    "firing rate of leaky integrate and fire": (1/(2 + 20*log(x/(x - 15))), 15 + 1e-10, 1e8),
    "sodium inactivation steady state": (_h/(_h + 1/(exp((30 - x)/10) + 1)), -1e3, 1e3),

    # engineering
    "phase-controlled rms voltage": (sqrt((pi - x + sin(2*x)/2)/pi), 1e-10, 3.1415926),
    "class C amplifier efficiency": ((2*x - sin(2*x))/(4*(sin(x) - x*cos(x))), 1e-8, 3.1415926),
    "closed-loop bandwidth in damping": (sqrt(1 - 2*x**2 + sqrt(4*x**4 - 4*x**2 + 2)), 1e-10, 1e6),
    "second-order overshoot in damping": (exp(-pi*x/sqrt(1 - x**2)), 1e-12, 1 - 1e-12),
    "kloss torque of an induction motor": (2/(x/R(1,5) + R(1,5)/x), 1e-8, 1e2),
    "knife-edge diffraction loss": (R(69,10) + 20*log(sqrt((x - R(1,10))**2 + 1) + x - R(1,10))/log(10), -1e4, 1e6),
    "16-QAM symbol error rate": (1 - (1 - R(3,4)*erfc(sqrt(x/10)))**2, 1e-10, 6e3),
    "platinum thermometer temperature": ((-R(39083,10**7) + sqrt(R(39083,10**7)**2 + 4*R(5775,10**10)*(1 - x/100)))/(-2*R(5775,10**10)), 10.0, 400.0),
    "stability function of a beam-column": (x*(sin(x) - x*cos(x))/(2*(1 - cos(x)) - x*sin(x)), 1e-8, 6.28),
    "slider bearing load": (6/(x - 1)**2*(log(x) - 2*(x - 1)/(x + 1)), 1 + 1e-10, 1e8),
    "slider-crank displacement": ((1 - cos(x)) + 4 - sqrt(16 - sin(x)**2), -1e3, 1e3),
    "pendulum period by lima": (-log(cos(x/2))/(1 - cos(x/2)), 1e-8, 3.1415926),
    "vibration transmissibility": (sqrt((1 + (x/10)**2)/((1 - x**2)**2 + (x/10)**2)), 1e-10, 1e8),
    "barometric altitude": (44330*(1 - (x/101325)**R(1903,10000)), 1.0, 1.2e5),

    # geodesy, geometry and numerical analysis
    "somigliana gravity": (R(97803253359,10**10)*(1 + R(193185265,10**11)*sin(x)**2)/sqrt(1 - R(669438,10**8)*sin(x)**2), -1.570796, 1.570796),
    "kasten-young air mass": (1/(sin(pi*x/180) + R(50572,10**5)*(x + R(607995,10**5))**R(-16364,10**4)), 0.0, 90.0),
    "lambert cone constant in first parallel": (log(cos(x)/cos(R(1,2)))/log(tan(pi/4 + R(1,4))/tan(pi/4 + x/2)), -1.57, 1.57),
    "earth central angle of a satellite": (acos(R(6371,7371)*cos(x)) - x, 0.0, 1.570796),
    "spherical excess of equilateral triangle": (4*atan(sqrt(tan(3*x/4)*tan(x/4)**3)), 1e-10, 2.0943),
    "circumscribed polygon minus circle": (x*tan(pi/x) - pi, 3.0, 1e8),
    "wetted area of a lying tank": (acos(1 - x) - (1 - x)*sqrt(2*x - x**2), 1e-12, 2 - 1e-12),
    "area of prolate spheroid": (2*pi*(1 + x/sqrt(1 - 1/x**2)*asin(sqrt(1 - 1/x**2))), 1 + 1e-10, 1e8),
    "heron area of sides 3, 4, x": (sqrt(_s*(_s - 3)*(_s - 4)*(_s - x)), 1 + 1e-12, 7 - 1e-12),
    "hypotenuse of a hyperbolic right triangle": (acosh(cosh(x)*cosh(1)), -1e4, 1e4),
    "difference of logarithms": (log(x + 1) - log(x), 1e-12, 1e16),
    "one minus cosine over sine": ((1 - cos(x))/sin(x), -3.1415926, 3.1415926),
    "log partition of a classical dipole": (log(sinh(x)/x), -1e4, 1e4),
    "chebyshev T5 by powers of roots": (((x + sqrt(x**2 - 1))**5 + (x - sqrt(x**2 - 1))**5)/2, 1.0, 1e8),
}
