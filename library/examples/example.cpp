// Prints numbers that Spatium computes, in hexadecimal digits: no bit is lost on the way.
#include <cstdio>
#include <vector>

#include "spatium.h"

int main() {
    const std::vector<float> x = {-6.0f, -1.5f, -0.0f, 0.25f, 3.0f};
    const ptrdiff_t n = static_cast<ptrdiff_t>(x.size());
    std::vector<float> y(x.size()), slope(x.size());

    const spatium::activation gelu("gelu"), elu("elu", {0.5});
    gelu(n, x.data(), y.data());
    gelu.derivative(n, x.data(), slope.data());
    for (ptrdiff_t i = 0; i < n; i++)
        std::printf("gelu %a %a %a\n", x[i], y[i], slope[i]);

    std::vector<double> wide(x.begin(), x.end());
    elu(n, wide.data(), wide.data()); // in place
    for (double value : wide)
        std::printf("elu %a\n", value);

    const spatium::rows softmax("softmax");
    std::vector<double> shares = {1.0, 2.0, 3.0, 0.0, 0.0, 1000.0};
    softmax(2, 3, shares.data(), shares.data());
    for (double share : shares)
        std::printf("softmax %a\n", share);

    const double beta = 1.0;
    std::vector<float> gated(x.size());
    spatium::check(spatium_evaluate_gate(spatium_gate("swiglu"), SPATIUM_FLOAT32, n, x.data(), slope.data(), &beta,
                                         gated.data()));
    for (float value : gated)
        std::printf("swiglu %a\n", value);

    try {
        spatium::activation unknown("no such function");
    } catch (const std::invalid_argument &error) {
        std::printf("%s\n", error.what());
    }
}
