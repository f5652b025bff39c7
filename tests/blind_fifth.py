"""A fifth list of formulas that were written down before any of them was compiled, of many fields, with the constants a book fills in."""

from __future__ import annotations

import sympy as sp
from shorthand import H2, R, phi
from sympy import Abs, Min, Piecewise, acos, asinh, atan, cos, cosh, digamma, erf, erfc, exp, gamma, log, loggamma, pi, sin, sinh, sqrt, tan, tanh
from textbook import x


def Phi(z: sp.Expr) -> sp.Expr:
    return erfc(-z/sqrt(2))/2


_lam = phi(x)/(1 - Phi(x))
_softplus = log(1 + exp(x))
_z = R(196,100)
_saha = x**R(3,2)*exp(-10/x)
_titrant = (R(5,2) - x/10)/(25 + x)  # 25 ml of 0.1 molar acid, x ml of 0.1 molar base
_alpha_m = (x + 40)/10/(1 - exp(-(x + 40)/10))
_jump = (sqrt(1 + 8*x**2) - 1)/2
_ec3 = (1 + R(21,100)*(x - R(1,5)) + x**2)/2
_e2 = R(669438, 10**8)  # WGS 84
_e = R(8181919, 10**8)
_disks = 2 + 1/x**2

FIFTH = {
    # statistics
    "gamma log density shape 7/2 scale 2": (R(5,2)*log(x) - x/2 - R(7,2)*log(2) - log(gamma(R(7,2))), 1e-12, 1e8),
    "student t log density at 2 in degrees of freedom": (loggamma((x + 1)/2) - loggamma(x/2) - log(pi*x)/2 - (x + 1)/2*log(1 + 4/x), 1e-3, 1e8),
    "negative binomial log pmf at 4 in size": (loggamma(x + 4) - loggamma(x) - log(24) + x*log(x/(x + 3)) + 4*log(3/(x + 3)), 1e-6, 1e8),
    "gamma entropy in shape": (x + loggamma(x) + (1 - x)*digamma(x), 1e-6, 1e8),
    "weibull coefficient of variation in shape": (sqrt(gamma(1 + 2/x)/gamma(1 + 1/x)**2 - 1), 0.05, 1e8),
    "stirling error": (loggamma(x + 1) - ((x + R(1,2))*log(x) - x + log(2*pi)/2), 1e-6, 1e8),
    "frechet log density with location 1": (log(R(3,2)) - 4*log((x - 1)/2) - ((x - 1)/2)**(-3), 1 + 1e-6, 1e8),
    "moyal cdf": (erfc(exp(-(x - 2)/2)/sqrt(2)), -50.0, 1e4),
    "folded normal mean": (sqrt(2/pi)*exp(-x**2/2) + x*(1 - 2*Phi(-x)), -1e4, 1e4),
    "variance of normal truncated from below": (1 + x*_lam - _lam**2, -1e3, 1e3),
    "kolmogorov tail three terms": (2*(exp(-2*x**2) - exp(-8*x**2) + exp(-18*x**2)), 0.1, 1e2),
    "wilson lower limit n 50": ((x + _z**2/100 - _z*sqrt(x*(1 - x)/50 + _z**2/10000))/(1 + _z**2/50), 1e-12, 1 - 1e-12),
    "freeman-tukey deviate from mean 7": (sqrt(x) + sqrt(x + 1) - sqrt(29), 1e-12, 1e10),
    "wilson-hilferty z of chi-square 10": (((x/10)**R(1,3) - (1 - R(2,90)))/sqrt(R(2,90)), 1e-12, 1e8),
    "plackett copula at 3/10, 3/5 in theta": ((1 + (x - 1)*R(9,10) - sqrt((1 + (x - 1)*R(9,10))**2 - 4*x*(x - 1)*R(18,100)))/(2*(x - 1)), 1e-8, 1e8),
    "gumbel copula at 1/3, 1/2 in theta": (exp(-(log(3)**x + log(2)**x)**(1/x)), 1.0, 1e4),
    "joe copula diagonal theta 3": (1 - (2*(1 - x)**3 - (1 - x)**6)**R(1,3), 1e-12, 1 - 1e-12),
    "binomial skewness n 20": ((1 - 2*x)/sqrt(20*x*(1 - x)), 1e-12, 1 - 1e-12),
    "lognormal skewness in sigma": ((exp(x**2) + 2)*sqrt(exp(x**2) - 1), 1e-10, 20.0),
    "horseshoe prior bound log": (log(log(1 + 4/x**2)), 1e-8, 1e8),
    "bhattacharyya distance of normals in sd ratio": (log((x**2 + 1/x**2 + 2)/4)/4, 1e-8, 1e8),
    "renyi divergence bernoulli 1/4 from 3/5 in order": (log(R(1,4)**x*R(3,5)**(1 - x) + R(3,4)**x*R(2,5)**(1 - x))/(x - 1), -1e3, 1e4),
    "sequential test operating characteristic": ((18**x - 1)/(18**x - R(2,19)**x), -1e3, 1e3),
    "gambler's ruin from 3 to 10": ((1 - ((1 - x)/x)**3)/(1 - ((1 - x)/x)**10), 1e-12, 1 - 1e-12),
    "birthday collision probability": (1 - exp(-x*(x - 1)/730), 1.0, 1e4),
    "erlang C three servers": (x**3/6*3/(3 - x)/(1 + x + x**2/2 + x**3/6*3/(3 - x)), 1e-10, 3 - 1e-10),

    # machine learning
    "phish": (x*tanh(x/2*(1 + erf(x/sqrt(2)))), -1e4, 1e4),
    "logish": (x*log(1 + 1/(1 + exp(-x))), -1e4, 1e4),
    "tanhexp": (x*tanh(exp(x)), -1e4, 1e4),
    "alpha loss 5/2 on logits": (R(5,3)*(1 - (1/(1 + exp(-x)))**R(3,5)), -1e4, 1e4),
    "noam learning rate": (Min(x**R(-1,2), x*4000**R(-3,2))/sqrt(512), 1.0, 1e8, (4000.0,)),
    "annealing acceptance with geometric cooling": (exp(-3/(10*R(95,100)**x)), 0.0, 1e3),
    "adam bias correction": (sqrt(1 - R(999,1000)**x)/(1 - R(9,10)**x), 1.0, 1e6),
    "binary concrete log density": (log(R(2,3)) + log(5) - R(5,3)*(log(x) + log(1 - x)) - 2*log(5*x**R(-2,3) + (1 - x)**R(-2,3)), 1e-12, 1 - 1e-12),
    "bayes by backprop KL in rho": (-log(_softplus) + (_softplus**2 + R(1,4))/2 - R(1,2), -1e4, 1e4),
    "quantile huber loss tau 9/10": (Piecewise((-(x + R(1,2))/10, x < -1), (x**2/20, x < 0), (R(9,20)*x**2, x <= 1), (R(9,10)*(x - R(1,2)), True)),
        -1e4, 1e4),
    "gaussian mechanism delta in epsilon": (Phi(R(1,2) - x) - exp(x)*Phi(-R(1,2) - x), 1e-10, 35.0),

    # physics
    "velocity addition minus galilean": ((x + R(3,5))/(1 + R(3,5)*x) - (x + R(3,5)), -1 + 1e-12, 1 - 1e-12),
    "tortoise coordinate": (x + 2*log(x/2 - 1), 2 + 1e-10, 1e10),
    "schwarzschild effective potential L 4": (((1 - 2/x)*(1 + 16/x**2) - 1)/2, 1e-6, 1e8),
    "kerr extractable energy": (1 - sqrt((1 + sqrt(1 - x**2))/2), -1 + 1e-12, 1 - 1e-12),
    "age of flat universe in omega matter": (2/(3*sqrt(1 - x))*asinh(sqrt((1 - x)/x)), 1e-12, 1 - 1e-12),
    "relativistic rocket time to distance": (sqrt(x**2 + 2*x), 1e-12, 1e10),
    "gamow exponent": (acos(sqrt(x)) - sqrt(x*(1 - x)), 1e-12, 1 - 1e-12),
    "fano profile q 2": ((x + 2)**2/(1 + x**2), -1e8, 1e8),
    "hydrogen 2s radial density": (x**2*(2 - x)**2*exp(-x)/8, 1e-12, 1e3),
    "buckingham potential": (1000*exp(-3*x) - 2/x**6, 1e-2, 1e6),
    "klein-nishina total cross section": (R(3,4)*((1 + x)/x**3*(2*x*(1 + x)/(1 + 2*x) - log(1 + 2*x)) + log(1 + 2*x)/(2*x) - (1 + 3*x)/(1
        + 2*x)**2), 1e-8, 1e8),
    "bethe stopping power in beta": ((log(2*511000/R(75)*x**2/(1 - x**2)) - x**2)/x**2, 1e-2, 1 - 1e-12),
    "neutrino survival in energy": (1 - R(85,100)*sin(R(127,100)*R(25,10000)*295/x)**2, 1e-2, 1e6),
    "saha ionisation fraction": ((-_saha + sqrt(_saha**2 + 4*_saha))/2, 1e-2, 1e6),
    "laser amplifier output fluence": (log(1 + exp(2)*(exp(x) - 1)), 1e-12, 1e4),
    "chemical potential of 2D fermions": (x*log(exp(1/x) - 1), 1e-4, 1e6),
    "1D ising magnetisation in field": (sinh(x)/sqrt(sinh(x)**2 + exp(-2)), -1e3, 1e3),
    "onsager magnetisation": ((1 - sinh(2/x)**(-4))**R(1,8), 1e-2, 2.269185),
    "1D ising free energy in temperature": (-x*log(exp(1/x)*cosh(1/(2*x)) + sqrt(exp(2/x)*sinh(1/(2*x))**2 + exp(-2/x))), 1e-3, 1e6),
    "square well second virial coefficient": (1 - (R(27,8) - 1)*(exp(1/x) - 1), 1e-2, 1e8),
    "fresnel p reflectance glass": (((R(9,4)*cos(x) - sqrt(R(9,4) - sin(x)**2))/(R(9,4)*cos(x) + sqrt(R(9,4) - sin(x)**2)))**2, 1e-8, 1.570796),
    "total reflection phase shift": (2*atan(sqrt(sin(x)**2 - R(4,9))/cos(x)), 0.7297277, 1.570796),
    "double slit with envelope": ((sin(x)/x)**2*cos(5*x)**2, -1e3, 1e3),
    "sellmeier fused silica": (sqrt(1 + R(6961663,10**7)*x**2/(x**2 - R(684043,10**7)**2) + R(4079426,10**7)*x**2/(x**2 - R(1162414,10**7)**2)
        + R(8974794,10**7)*x**2/(x**2 - R(9896161,10**6)**2)), 0.21, 6.7),
    "plasma reflectance above cutoff": (((1 - sqrt(1 - 1/x**2))/(1 + sqrt(1 - 1/x**2)))**2, 1 + 1e-12, 1e8),
    "van de hulst extinction": (2 - 4/x*sin(x) + 4/x**2*(1 - cos(x)), 1e-8, 1e4),
    "finite solenoid axial field": (((x + 2)/sqrt((x + 2)**2 + 1) - (x - 2)/sqrt((x - 2)**2 + 1))/2, -1e6, 1e6),
    "inductance of straight wire": (2*x*(log(x + sqrt(1 + x**2)) - sqrt(1 + 1/x**2) + 1/x), 1e-6, 1e8),
    "demagnetising factor of prolate spheroid": ((x/sqrt(x**2 - 1)*log(x + sqrt(x**2 - 1)) - 1)/(x**2 - 1), 1 + 1e-10, 1e8),
    "speed after fall with drag": (sqrt(1 - exp(-2*x)), 1e-12, 1e4),
    "law of the wall spalding": (x + exp(-R(11,5))*(exp(R(2,5)*x) - 1 - R(2,5)*x - (R(2,5)*x)**2/2 - (R(2,5)*x)**3/6), 1e-8, 1e3),
    "haaland friction factor": ((-R(18,10)*log(R(69,10)/x + (R(1,1000)/R(37,10))**R(111,100))/log(10))**(-2), 1e3, 1e10),
    "ekman layer velocity": (1 - exp(-x)*cos(x), 1e-12, 1e3),
    "hydraulic jump head loss": ((_jump - 1)**3/(4*_jump), 1.0, 1e6),
    "oblique shock deflection Mach 3": (atan(2/tan(x)*(9*sin(x)**2 - 1)/(9*(R(7,5) + cos(2*x)) + 2)), 0.339837, 1.570796),
    "group velocity of water waves": (R(1,2)*(1 + 2*x/sinh(2*x))*sqrt(tanh(x)/x), 1e-10, 1e4),

    # astronomy, geodesy, navigation
    "barker equation": (2*atan((R(3,2)*x + sqrt(R(9,4)*x**2 + 1))**R(1,3) - (R(3,2)*x + sqrt(R(9,4)*x**2 + 1))**R(-1,3)), -1e6, 1e6),
    "planet transit overlap area": (acos((x**2 + R(1,100) - 1)/(x/5))/100 + acos((x**2 + 1 - R(1,100))/(2*x)) - sqrt(4*x**2 - (1 + x**2
        - R(1,100))**2)/2, 0.9 + 1e-10, 1.1 - 1e-10),
    "airmass of homogeneous atmosphere": (sqrt((700*cos(x))**2 + 2*700 + 1) - 700*cos(x), 0.0, 1.570796),
    "bennett refraction": (1/tan(pi/180*(x + R(731,100)/(x + R(44,10)))), 0.0, 90.0),
    "sunset hour angle in latitude": (acos(-tan(x)*tan(R(409,1000))), -1.16, 1.16),
    "authalic latitude function": ((1 - _e2)*(sin(x)/(1 - _e2*sin(x)**2) - log((1 - _e*sin(x))/(1 + _e*sin(x)))/(2*_e)), -1.570796, 1.570796),
    "prime vertical minus meridian radius": (6378137/sqrt(1 - _e2*sin(x)**2) - 6378137*(1 - _e2)/(1 - _e2*sin(x)**2)**R(3,2), -1.570796, 1.570796),
    "central angle by vincenty": (atan(sqrt((cos(R(3,5))*sin(x))**2 + (cos(R(1,2))*sin(R(3,5)) - sin(R(1,2))*cos(R(3,5))*cos(x))**2)
        /(sin(R(1,2))*sin(R(3,5)) + cos(R(1,2))*cos(R(3,5))*cos(x))), -1.9, 1.9),

    # chemistry and biology
    "davies activity coefficient": (-R(509,1000)*(sqrt(x)/(1 + sqrt(x)) - R(3,10)*x), 1e-12, 1e2),
    "titration curve": (-log((_titrant + sqrt(_titrant**2 + 4*R(1,10**14)))/2)/log(10), 1e-8, 1e4),
    "gouy-chapman potential": (2*log((1 + tanh(R(3,4))*exp(-x))/(1 - tanh(R(3,4))*exp(-x))), 0.0, 1e3),
    "protein stability curve": (100*(1 - x/330) - 5*((330 - x) + x*log(x/330)), 1.0, 1e4),
    "integrated michaelis-menten time": ((10 - x + 4*log(10/x))/3, 1e-12, 1e4),
    "monod-wyman-changeux saturation": ((x*(1 + x)**3 + 10*x*(1 + x/100)**3)/((1 + x)**4 + 1000*(1 + x/100)**4), 1e-8, 1e8),
    "multi-target survival": (1 - (1 - exp(-x))**5, 1e-10, 1e3),
    "neutral fixation time": (-4*(1 - x)*log(1 - x)/x, 1e-12, 1 - 1e-12),
    "sodium activation steady state": (_alpha_m/(_alpha_m + 4*exp(-(x + 65)/18)), -1e3, 1e3),

    # economics and finance
    "CES production in rho": ((R(2,5)*3**x + R(3,5)*5**x)**(1/x), -1e3, 1e3),
    "real option exponent in volatility": (R(1,2) - R(1,100)/x**2 + sqrt((R(1,100)/x**2 - R(1,2))**2 + 2*R(1,25)/x**2), 1e-4, 1e4),
    "SABR z over chi": (x/log((sqrt(1 + R(3,5)*x + x**2) + x + R(3,10))/R(13,10)), -1e4, 1e4),
    "growing annuity in discount rate": ((1 - (R(21,20)/(1 + x))**10)/(x - R(1,20)), -0.9, 1e4),
    "loan balance after 60 of 360": (((1 + x)**360 - (1 + x)**60)/((1 + x)**360 - 1), 1e-10, 10.0),
    "survival of barrier in drift": (Phi(1 + x) - exp(-2*x)*Phi(x - 1), -20.0, 1e3),

    # engineering
    "pade delay error": (exp(-x) - (1 - x/2)/(1 + x/2), -1.999, 1e4),
    "mismatch loss in VSWR dB": (-10*log(1 - ((x - 1)/(x + 1))**2)/log(10), 1.0, 1e8),
    "BPSK error rate with rayleigh fading": ((1 - sqrt(x/(1 + x)))/2, 1e-10, 1e12),
    "attenuation constant in loss tangent": (sqrt((sqrt(1 + x**2) - 1)/2), 1e-10, 1e8),
    "effectiveness of unmixed crossflow": (1 - exp(x**R(22,100)/R(3,4)*(exp(-R(3,4)*x**R(78,100)) - 1)), 1e-10, 1e4),
    "surface flux heating at depth": (2*sqrt(x/pi)*exp(-1/(4*x)) - erfc(1/(2*sqrt(x))), 1e-3, 1e8),
    "view factor of coaxial disks": ((_disks - sqrt(_disks**2 - 4))/2, 1e-6, 1e6),
    "eurocode buckling reduction": (1/(_ec3 + sqrt(_ec3**2 - x**2)), 0.2, 1e6),
    "curved beam neutral axis shift": (x - 1/log((2*x + 1)/(2*x - 1)), 0.5 + 1e-10, 1e8),
    "bearing capacity factor Nc": ((exp(pi*tan(x))*tan(pi/4 + x/2)**2 - 1)/tan(x), 1e-10, 1.4),
    "diesel cycle efficiency in cut-off ratio": (1 - R(1,18)**R(2,5)*(x**R(7,5) - 1)/(R(7,5)*(x - 1)), 1 + 1e-12, 1e3),

    # information
    "cutoff rate of symmetric channel": (1 - log(1 + 2*sqrt(x*(1 - x)))/log(2), 1e-12, 1 - 1e-12),
    "capacity of Z-channel": (log(1 + (1 - x)*x**(x/(1 - x)))/log(2), 1e-12, 1 - 1e-12),
    "entropy of geometric distribution": (H2(x)/x, 1e-12, 1 - 1e-12),
    "entanglement of formation": (H2((1 + sqrt(1 - x**2))/2)/log(2), 1e-12, 1 - 1e-12),

    # numerical analysis and shapes
    "filon alpha": ((x**2 + x*sin(x)*cos(x) - 2*sin(x)**2)/x**3, -1e4, 1e4),
    "second divided difference of exp": (((exp(2*x) - 1)/(2*x) - (exp(x) - 1)/x)/x, -1e4, 300.0),
    "tanh-sinh weight": (pi/2*cosh(x)/cosh(pi/2*sinh(x))**2, -6.0, 6.0),
    "lanczos kernel a 3": (3*sin(pi*x)*sin(pi*x/3)/(pi**2*x**2), -3.0, 3.0),
    "van leer limiter": ((x + Abs(x))/(1 + Abs(x)), -1e4, 1e4, (0.0,)),
    "archimedes side doubling": (sqrt(2 - sqrt(4 - x**2)), 1e-12, 2 - 1e-12),
    "gudermannian": (2*atan(exp(x)) - pi/2, -1e4, 1e4),
    "tractrix": (log((1 + sqrt(1 - x**2))/x) - sqrt(1 - x**2), 1e-12, 1 - 1e-12),
    "cycloid abscissa in height": (acos(1 - x) - sqrt(2*x - x**2), 1e-12, 2 - 1e-12),
}
